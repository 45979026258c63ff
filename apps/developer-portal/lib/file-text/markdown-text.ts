/** A text with what Markdown would take for emphasis, code, links and tags taken at its word. */
export const plainMarkdown = (text: string): string =>
  text
    .replace(/[\\`*[\]|]|<(?=[\p{L}/!?])/gu, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replace(/^(\s*)(?=#{1,6}(?:\s|$)|>|~~~|[=-]+\s*$)/, "$1\\");

/** A text as Postgres keeps it, which takes no zero and no half of a character. */
export const storable = (text: string): string => text.replaceAll("\0", "").toWellFormed();
