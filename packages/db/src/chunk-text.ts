import type { MediaType } from "./schema/index.ts";

export interface TextChunk {
  /** The nearest heading above the passage; null in plain text and before the first one. */
  heading: string | null;
  body: string;
}

/** Long enough for a thought, short enough to quote several of them in one answer. */
const MAX_CHUNK_CHARACTERS = 1_000;

/**
 * Splits a text into passages of at most 1,000 characters: at Markdown headings, then between
 * paragraphs, then at a line's end, a sentence's end, a space, and only then inside a word.
 */
export function chunkText(text: string, mediaType: MediaType): TextChunk[] {
  const normal = text.replace(/\r\n?/g, "\n");
  const sections =
    mediaType === "text/markdown" ? splitAtHeadings(normal) : [{ heading: null, body: normal }];
  return sections.flatMap(({ heading, body }) =>
    packParagraphs(body).map((part) => ({ heading, body: part })),
  );
}

function splitAtHeadings(text: string): TextChunk[] {
  const sections: { heading: string | null; lines: string[] }[] = [{ heading: null, lines: [] }];
  let fence: string | null = null;
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]?.charAt(0) ?? null;
    if (mark !== null && (fence === null || fence === mark)) fence = fence === null ? mark : null;
    const heading = fence === null ? headingOf(line) : null;
    if (heading === null) sections.at(-1)?.lines.push(line);
    else sections.push({ heading: heading || null, lines: [] });
  }
  return sections.map(({ heading, lines }) => ({ heading, body: lines.join("\n") }));
}

/** The text of a heading line, "" for an empty one, null for any other line. */
function headingOf(line: string): string | null {
  const mark = /^ {0,3}#{1,6}[ \t]+/.exec(line);
  return mark && line.slice(mark[0].length).trim();
}

function packParagraphs(text: string): string[] {
  const chunks: string[] = [];
  let current = "";
  for (const paragraph of text.split(/\n[ \t]*\n/).map((part) => part.trim())) {
    if (paragraph === "") continue;
    const joined = current === "" ? paragraph : `${current}\n\n${paragraph}`;
    if (joined.length <= MAX_CHUNK_CHARACTERS) {
      current = joined;
      continue;
    }
    if (current !== "") chunks.push(current);
    const pieces = cut(paragraph);
    current = pieces.pop() ?? "";
    chunks.push(...pieces);
  }
  if (current !== "") chunks.push(current);
  return chunks;
}

function cut(paragraph: string): string[] {
  const pieces: string[] = [];
  let rest = paragraph;
  while (rest.length > MAX_CHUNK_CHARACTERS) {
    const end = cutPosition(rest.slice(0, MAX_CHUNK_CHARACTERS));
    pieces.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") pieces.push(rest);
  return pieces;
}

function cutPosition(window: string): number {
  for (const boundary of ["\n", ". ", " "]) {
    const found = window.lastIndexOf(boundary);
    if (found > window.length / 2) return found + boundary.length;
  }
  // Half of a surrogate pair is no character, and Postgres refuses it.
  const splitsPair = /[\uD800-\uDBFF]$/.test(window);
  return splitsPair ? window.length - 1 : window.length;
}
