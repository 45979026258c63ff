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
/** Between two fragments of one passage. */
export const GAP = " … ";

/** What is Markdown's in a text that was cut out anywhere: emphasis, code, table bars, and marks at a line's start. */
const MARKDOWN = /^[ \t]*[-=:| ]{3,}$|\*+|`+|~~|\||^[ \t]*(?:#{1,6}|>|[-+]|\d{1,3}[.)])[ \t]+/gm;

/**
 * Reads what `ts_headline` has marked.
 *
 * @param marked a part of `whole`, or several with `GAP` between them, words that were found within `MARKS`.
 * @param whole the passage, to tell whether the excerpt begins and ends where it does.
 */
export function readExcerpt(marked: string, whole: string, mediaType: string): Excerpt {
  const plain = (text: string) =>
    (mediaType === "text/markdown" ? text.replace(MARKDOWN, "") : text).replace(/\s+/g, " ").trim();
  const text = plain(marked);
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
  return withEllipses({ excerpt, highlights }, plain(whole));
}

function withEllipses({ excerpt, highlights }: Excerpt, whole: string): Excerpt {
  const [first = ""] = excerpt.split(GAP);
  const last = excerpt.split(GAP).at(-1) ?? "";
  const before = whole.startsWith(first) ? "" : "… ";
  const after = whole.endsWith(last) ? "" : " …";
  return {
    excerpt: before + excerpt + after,
    highlights: highlights.map(([start, end]) => [start + before.length, end + before.length]),
  };
}
