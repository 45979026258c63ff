import type { MediaType } from "./schema/index.ts";

export interface TextChunk {
  /** The nearest heading above the passage; null in plain text and before the first one. */
  heading: string | null;
  body: string;
  /** Where its body begins in the text, once that has LF for line ends. In UTF-16 code units. */
  start: number;
}

/** A text with LF for line ends. */
export const normalizeLineEnds = (text: string): string => text.replace(/\r\n?/g, "\n");

/** Long enough for a thought, short enough to quote several of them in one answer. */
const MAX_CHUNK_CHARACTERS = 1_000;

/**
 * Splits a text into passages of at most 1,000 characters: at Markdown headings, then between
 * paragraphs, then at a line's end, a sentence's end, a space, and only then inside a word.
 */
export function chunkText(text: string, mediaType: MediaType): TextChunk[] {
  const normal = normalizeLineEnds(text);
  const sections =
    mediaType === "text/markdown" ? splitAtHeadings(normal) : [{ heading: null, body: normal, start: 0 }];
  return sections.flatMap(({ heading, body, start }) =>
    packParagraphs(body).map((part) => ({ heading, body: part.body, start: start + part.start })),
  );
}

function splitAtHeadings(text: string): TextChunk[] {
  const sections: { heading: string | null; start: number; end: number }[] = [];
  let section = { heading: null as string | null, start: 0, end: text.length };
  let fence: string | null = null;
  let start = 0;
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]?.charAt(0) ?? null;
    if (mark !== null && (fence === null || fence === mark)) fence = fence === null ? mark : null;
    const heading = fence === null ? headingOf(line) : null;
    const next = start + line.length + 1;
    if (heading !== null) {
      sections.push({ ...section, end: start });
      section = { heading: heading || null, start: Math.min(next, text.length), end: text.length };
    }
    start = next;
  }
  sections.push(section);
  return sections.map(({ heading, start: from, end }) => ({
    heading,
    body: text.slice(from, end),
    start: from,
  }));
}

/** The text of a heading line, "" for an empty one, null for any other line. */
function headingOf(line: string): string | null {
  const mark = /^ {0,3}#{1,6}[ \t]+/.exec(line);
  return mark && line.slice(mark[0].length).trim();
}

interface Piece {
  body: string;
  start: number;
}

function packParagraphs(text: string): Piece[] {
  const chunks: Piece[] = [];
  let current: Piece | null = null;
  for (const paragraph of paragraphsOf(text)) {
    const joined: string = current === null ? paragraph.body : `${current.body}\n\n${paragraph.body}`;
    if (joined.length <= MAX_CHUNK_CHARACTERS) {
      current = { body: joined, start: (current ?? paragraph).start };
      continue;
    }
    if (current !== null) chunks.push(current);
    const pieces = cut(paragraph);
    current = pieces.pop() ?? null;
    chunks.push(...pieces);
  }
  if (current !== null) chunks.push(current);
  return chunks;
}

function paragraphsOf(text: string): Piece[] {
  const paragraphs: Piece[] = [];
  let start = 0;
  for (const part of text.split(/(\n[ \t]*\n)/)) {
    const body = part.trim();
    if (body !== "") paragraphs.push({ body, start: start + part.length - part.trimStart().length });
    start += part.length;
  }
  return paragraphs;
}

function cut({ body, start }: Piece): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (body.length - at > MAX_CHUNK_CHARACTERS) {
    const end = at + cutPosition(body.slice(at, at + MAX_CHUNK_CHARACTERS));
    pieces.push({ body: body.slice(at, end).trimEnd(), start: start + at });
    at = end;
    while (at < body.length && body.charAt(at).trim() === "") at++;
  }
  if (at < body.length) pieces.push({ body: body.slice(at), start: start + at });
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
