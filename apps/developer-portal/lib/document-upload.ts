import { MARKDOWN_BUDGET, type MarkdownFault, markdownFault } from "@openhouse/db/markdown/budget";
import { unseenCharacter } from "@openhouse/db/names";
import { formatCount } from "@openhouse/web/format";
import { FILE_NAME_FIELD, fileFault, fileKindOf } from "./document-file.ts";
import { readFileText } from "./file-text/read-file-text.ts";

const MAX_TITLE_LENGTH = 200;
const MAX_FILE_NAME_LENGTH = 200;

/** A text that has passed every check, ready to be stored: a file's own, or what a PDF or a Word file says, as Markdown. */
export interface UploadedText {
  title: string;
  fileName: string;
  mediaType: "text/plain" | "text/markdown";
  body: string;
}

/** What is wrong, field by field, in words for the person who filled the form in. */
export type UploadFaults = { title?: string; file?: string };

/** Who uploads. */
export interface Uploader {
  readonly tenantId: string;
  /** Counts the upload, once however often it is called; what to say where there is none left. */
  spend(): Promise<UsedUp | null>;
}

/** What to say to whoever has no upload left. */
export interface UsedUp {
  ok: false;
  error: string;
}

/**
 * Reads `title` and `file` of an upload form. Every fault is reported at once.
 * The type goes by the file's name and its bytes: what the browser says of it is a guess of the operating system's.
 * What is costly to read is counted before it is read, whatever comes of it; all else once nothing is wrong with it.
 */
export async function readUpload(
  form: FormData,
  uploader: Uploader,
): Promise<
  | { upload: UploadedText; faults?: never; usedUp?: never }
  | { upload?: never; faults: UploadFaults; usedUp?: never }
  | { upload?: never; faults?: never; usedUp: UsedUp }
> {
  const title = readTitle(form.get("title"));
  const file = await readUploadedFile(form, uploader);
  if (file.usedUp !== undefined) return { usedUp: file.usedUp };
  if (title.fault !== undefined || file.fault !== undefined) {
    return {
      faults: {
        ...(title.fault !== undefined && { title: title.fault }),
        ...(file.fault !== undefined && { file: file.fault }),
      },
    };
  }
  return { upload: { title: title.value, ...file.value } };
}

/** Reads `file` of a form alone: of one that replaces what has a title. */
export const readUploadedFile = (
  form: FormData,
  uploader: Uploader,
): Promise<ReadFile<Omit<UploadedText, "title">>> =>
  readFile(form.get("file"), form.get(FILE_NAME_FIELD), uploader);

type Read<Value> =
  | { value: Value; fault?: never; usedUp?: never }
  | { value?: never; fault: string; usedUp?: never };
type ReadFile<Value> = Read<Value> | { value?: never; fault?: never; usedUp: UsedUp };

function readTitle(entry: FormDataEntryValue | null): Read<string> {
  const title = typeof entry === "string" ? entry.trim() : "";
  if (title === "") return { fault: "Give the document a title." };
  if (title.length > MAX_TITLE_LENGTH) {
    return { fault: `The title has ${title.length} characters; the most is ${MAX_TITLE_LENGTH}.` };
  }
  const unseen = unseenCharacter(title);
  if (unseen !== null) {
    return { fault: `The title holds ${unseen}, which cannot be seen. Please type it without.` };
  }
  return { value: title };
}

async function readFile(
  entry: FormDataEntryValue | null,
  told: FormDataEntryValue | null,
  uploader: Uploader,
): Promise<ReadFile<Omit<UploadedText, "title">>> {
  if (!(entry instanceof File)) return { fault: "Choose a file." };
  const name = fileName(entry.name, told);
  const fault = fileFault({ name, size: entry.size });
  if (fault !== undefined) return { fault };
  const read = await readText(name, await entry.arrayBuffer(), uploader);
  if (read.value === undefined) return read;
  const { body, mediaType } = read.value;
  if (body.trim() === "") return { fault: "The file is empty." };
  const tooMuch = mediaType === "text/markdown" ? markdownFault(body) : null;
  if (tooMuch !== null) return { fault: isText(name) ? describe(tooMuch) : describeFile(tooMuch) };
  return { value: { fileName: cleanName(name), mediaType, body } };
}

const isText = (name: string): boolean => ["text", "markdown"].includes(fileKindOf(name) ?? "");

async function readText(
  name: string,
  content: ArrayBuffer,
  { tenantId, spend }: Uploader,
): Promise<ReadFile<Pick<UploadedText, "body" | "mediaType">>> {
  const kind = fileKindOf(name);
  if (kind === "pdf" || kind === "docx") {
    const usedUp = await spend();
    if (usedUp !== null) return { usedUp };
    const { text, fault } = await readFileText(tenantId, { kind, bytes: new Uint8Array(content) });
    return text === undefined ? { fault } : { value: { body: text, mediaType: "text/markdown" } };
  }
  const body = decode(content);
  if (body === undefined)
    return { fault: "The file is not plain UTF-8 text. Save it again with the encoding UTF-8." };
  return { value: { body, mediaType: kind === "markdown" ? "text/markdown" : "text/plain" } };
}

const TOO_MUCH = {
  columns: (most) => `has a table with more than ${most} columns`,
  cells: (most) => `brings the tables to more than ${most} cells`,
  depth: (most) => `has lists or quotes more than ${most} deep`,
  nodes: (most) => `brings the document to more than ${most} parts`,
  marks: (most) => `has more than ${most} marks such as * and [ without an empty line between them`,
} as const satisfies Record<MarkdownFault["what"], (most: string) => string>;

const describe = ({ what, line }: MarkdownFault) =>
  `Line ${formatCount(line)} ${TOO_MUCH[what](formatCount(MARKDOWN_BUDGET[what]))}. Make it simpler, split the document, or save it as text (.txt).`;

/** Of a file whose lines nobody has seen. */
const describeFile = ({ what }: MarkdownFault) =>
  `The file ${TOO_MUCH[what](formatCount(MARKDOWN_BUDGET[what]))}. Make it simpler, split it, or upload its text (.txt).`;

/** The text, without its byte order mark; undefined where it is not UTF-8 or holds a NUL, which Postgres cannot store. */
function decode(bytes: ArrayBuffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** What a browser puts in the place of characters that would end a file's name in a form (HTML, "multipart form data"). */
const ESCAPED = { "%22": '"', "%0D": "\r", "%0A": "\n" } as const;

/**
 * A file's name as it is on its owner's disk. Browsers escape `"` as `%22` and leave `%22` as it is, so that the name beside
 * the file may stand for two. `told` says which, where the page's scripts could tell; without them a quote is the likelier one.
 */
function fileName(sent: string, told: FormDataEntryValue | null): string {
  const escaped = (name: string) => {
    let text = name;
    for (const [code, character] of Object.entries(ESCAPED)) text = text.replaceAll(character, code);
    return text;
  };
  // The name beside the file was checked on its way here; another one is none of this file's.
  if (typeof told === "string" && (told === sent || escaped(told) === sent)) return told;
  // Who sends a quote as it is escapes nothing.
  if (sent.includes('"')) return sent;
  return sent.replace(/%(?:22|0D|0A)/g, (code) => ESCAPED[code as keyof typeof ESCAPED]);
}

/** The last part of the name, for a browser that sends a whole path; cut from the front, so that its ending stays. */
function cleanName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? name;
  // Half of a surrogate pair is no character.
  return last.slice(-MAX_FILE_NAME_LENGTH).replace(/^[\uDC00-\uDFFF]/, "");
}
