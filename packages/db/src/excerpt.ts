/** Where a highlight starts and ends in a text, in UTF-16 code units, as `String.prototype.slice` counts them. */
export type Highlight = [start: number, end: number];

export interface Excerpt {
  /** Plain text on one line; nothing in it is markup. */
  excerpt: string;
  /** In order, apart from each other. */
  highlights: Highlight[];
}

/** Around a word that was found. Of a private use area, so that they stand for nothing else; `searchDocuments` takes them out of documents. */
export const MARKS = { start: "\uE000", end: "\uE001" } as const;

/** About four lines on a screen, eight on a phone. */
const MAX_CHARACTERS = 320;
/** Shown in front of a word that was found where its sentence began too far away. */
const LEAD_CHARACTERS = 80;

/** What is Markdown's: emphasis, code, table bars and lines, and marks at a line's start. */
const MARKDOWN = /^(?=[ \t]*[-=:|])[-=:| \t]{3,}$|\*+|`+|~~|\||^[ \t]*(?:#{1,6}|>|[-+]|\d{1,3}[.)])[ \t]+/gm;

/**
 * Cuts the part out of a passage that has most of the words that were found, from a sentence's start where that is near.
 *
 * @param marked the passage, words that were found within `MARKS`.
 */
export function makeExcerpt(marked: string, mediaType: string): Excerpt {
  const plain = mediaType === "text/markdown" ? marked.replace(MARKDOWN, "") : marked;
  const { excerpt: text, highlights } = readMarks(plain.replace(/\s+/g, " ").trim());
  if (text.length <= MAX_CHARACTERS) return { excerpt: text, highlights };
  const start = bestStart(text, highlights);
  const end = endOfWord(text, start + MAX_CHARACTERS);
  // Not to be left alone on a line, hence the blanks that do not break.
  const before = start === 0 ? "" : "…\u00A0";
  return {
    excerpt: `${before}${text.slice(start, end).trimEnd()}${end === text.length ? "" : "\u00A0…"}`,
    highlights: highlights
      .filter((highlight) => highlight[0] >= start && highlight[1] <= end)
      .map(([from, to]) => [from - start + before.length, to - start + before.length]),
  };
}

function readMarks(text: string): Excerpt {
  let excerpt = "";
  const highlights: Highlight[] = [];
  for (const part of text.split(MARKS.start)) {
    const [found = "", after] = part.split(MARKS.end);
    if (after === undefined) {
      excerpt += part;
      continue;
    }
    const last = highlights.at(-1);
    const touches = last !== undefined && excerpt.slice(last[1]).trim() === "";
    if (touches) last[1] = excerpt.length + found.length;
    else highlights.push([excerpt.length, excerpt.length + found.length]);
    excerpt += found + after;
  }
  return { excerpt, highlights };
}

/** Of the places where an excerpt may begin, the first of those with the most words found behind them. */
function bestStart(text: string, highlights: readonly Highlight[]): number {
  const sentences = [
    0,
    ...[...text.matchAll(/[.!?:]["”’)]* /g)].map(({ index, 0: { length } }) => index + length),
  ];
  const leads = highlights.map(([from]) => startOfWord(text, Math.max(0, from - LEAD_CHARACTERS)));
  let best = { start: 0, found: 0 };
  // Sentences first: a lead that shows no more than they do is no better.
  for (const start of [...sentences, ...leads]) {
    const end = endOfWord(text, start + MAX_CHARACTERS);
    const found = highlights.filter(([from, to]) => from >= start && to <= end).length;
    if (found > best.found) best = { start, found };
  }
  return best.start;
}

const startOfWord = (text: string, at: number): number => (at === 0 ? 0 : text.indexOf(" ", at) + 1);

function endOfWord(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const space = text.lastIndexOf(" ", at);
  return space > at - LEAD_CHARACTERS ? space : at;
}
