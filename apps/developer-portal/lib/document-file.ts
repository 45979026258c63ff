import { unseenCharacter } from "@openhouse/db/names";
import { formatCount } from "@openhouse/web/format";

/** Largest text that can be uploaded, in bytes: 1 MB. */
export const MAX_UPLOAD_BYTES = 1_000_000;
/** Largest PDF or Word file, in bytes: as much as a form may have, and its other fields. */
export const MAX_FILE_BYTES = 3_000_000;

/** What the files are that can be uploaded, by the ending of their names. */
const KINDS = { txt: "text", md: "markdown", markdown: "markdown", pdf: "pdf", docx: "docx" } as const;
export type FileKind = (typeof KINDS)[keyof typeof KINDS];

/** What a browser's file picker should offer. */
export const UPLOAD_ACCEPT = ".txt,.md,.markdown,.pdf,.docx,text/plain,text/markdown,application/pdf";

/** What stands beside the field of a file. */
export const UPLOAD_HINT =
  "Text (.txt) or Markdown (.md), at most 1\u00a0MB; PDF or Word (.docx), at most 3\u00a0MB. Of these only the text is kept, without pictures: keep the file, nobody can download it here.";

/** A field for the file's name as it is: what stands beside the file itself was escaped on the way. */
export const FILE_NAME_FIELD = "file-name";

export function fileKindOf(name: string): FileKind | undefined {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.entries(KINDS).find(([each]) => each === ending)?.[1];
}

/** Checks that need the file's name and size only: the browser makes them before it sends anything. */
export function fileFault({ name, size }: { name: string; size: number }): string | undefined {
  if (name === "") return "Choose a file.";
  const unseen = unseenCharacter(name);
  if (unseen !== null) return `The file’s name holds ${unseen}, which cannot be seen. Rename the file first.`;
  const kind = fileKindOf(name);
  if (kind === undefined) {
    return "Only text (.txt), Markdown (.md), PDF (.pdf) and Word (.docx) files can be read. Save the document as one of these first.";
  }
  const most = kind === "pdf" || kind === "docx" ? MAX_FILE_BYTES : MAX_UPLOAD_BYTES;
  if (size > most) {
    return `The file has ${formatCount(size)} bytes; the most is ${formatCount(most)} (${most / 1_000_000} MB). Split it into several documents.`;
  }
  if (size === 0) return "The file is empty.";
  return undefined;
}
