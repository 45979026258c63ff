import { getDocumentProxy } from "unpdf";
import { type FileText, MOST_PAGES, MOST_TEXT } from "./file-fault.ts";
import { plainMarkdown, storable } from "./markdown-text.ts";

/** Between two lines, in their own height: from here on another paragraph begins. */
const PARAGRAPH_GAP = 1.7;

/** As much of a piece of text as is read here; `transform` ends in where it stands, from the left and from below. */
interface Piece {
  str: string;
  height: number;
  hasEOL: boolean;
  transform: number[];
}

/** A PDF's text as Markdown, each page under a heading with its number. Pictures of text are no text. */
export async function pdfText(bytes: Uint8Array): Promise<FileText> {
  try {
    // What fonts and functions hold is data: nothing of it is run.
    const pdf = await getDocumentProxy(bytes, { verbosity: 0, isEvalSupported: false });
    if (pdf.numPages > MOST_PAGES) return { fault: "pages", pages: pdf.numPages };
    const pages: string[] = [];
    let length = 0;
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const text = paragraphsOf(items.filter((item): item is Piece & typeof item => "str" in item));
      page.cleanup();
      if (text === "") continue;
      length += text.length;
      if (length > MOST_TEXT) return { fault: "text" };
      pages.push(`## Page ${number}\n\n${text}`);
    }
    return pages.length === 0 ? { fault: "no_text" } : { text: pages.join("\n\n") };
  } catch (error) {
    const isLocked = error instanceof Error && error.name === "PasswordException";
    return { fault: isLocked ? "encrypted" : "unreadable" };
  }
}

function paragraphsOf(pieces: readonly Piece[]): string {
  const paragraphs: string[] = [];
  let last: { y: number; height: number } | undefined;
  for (const line of linesOf(pieces)) {
    const item = /^[•●▪‣◦·–-]\s*(?=\S)/.exec(line.text);
    const starts =
      last === undefined ||
      item !== null ||
      /^\d{1,2}[.)]\s/.test(line.text) ||
      // Upwards: the next column.
      line.y > last.y + 1 ||
      last.y - line.y > PARAGRAPH_GAP * Math.max(last.height, line.height);
    const text =
      item === null ? plainMarkdown(line.text) : `- ${plainMarkdown(line.text.slice(item[0].length))}`;
    if (starts) paragraphs.push(text);
    else paragraphs.push(joined(paragraphs.pop() ?? "", text));
    last = line;
  }
  return paragraphs.join("\n\n");
}

/** A word that was divided at a line's end is one word again. */
const joined = (first: string, next: string): string =>
  /\p{Ll}-$/u.test(first) && /^\p{Ll}/u.test(next) ? first.slice(0, -1) + next : `${first} ${next}`;

function linesOf(pieces: readonly Piece[]): { text: string; y: number; height: number }[] {
  const lines: { text: string; y: number; height: number }[] = [];
  let line = { text: "", y: 0, height: 0 };
  const end = () => {
    const text = storable(line.text).replace(/\s+/g, " ").trim();
    if (text !== "") lines.push({ ...line, text });
    line = { text: "", y: 0, height: 0 };
  };
  for (const { str, height, hasEOL, transform } of pieces) {
    if (str.trim() !== "" && line.height === 0) line = { text: line.text, y: transform[5] ?? 0, height };
    line.text += str;
    if (hasEOL) end();
  }
  end();
  return lines;
}
