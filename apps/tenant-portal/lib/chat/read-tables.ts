/** A table's rows in Markdown, the second of which separates the head from the body: dashes, and colons for alignment. */
const TABLE = /^[ \t]*\|.*\|[ \t]*\n[ \t]*\|(?=.*-)[ \t:|-]+(?:\n[ \t]*\|.*\|[ \t]*)*$/gm;

/** Puts the rows of Markdown's tables into words, a sentence each: "Tuesday: green bin, 4.50." The head goes without saying. */
export function readTables(markdown: string): string {
  return markdown.replace(TABLE, (table) => {
    const [, , ...body] = table.split("\n");
    return `\n${body.map(readRow).join("\n\n")}\n`;
  });
}

function readRow(row: string): string {
  const cells = row
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const [first = "", ...others] = cells;
  const rest = others.filter((cell) => cell !== "").join(", ");
  const said = rest === "" || first === "" ? `${first}${rest}` : `${first}: ${rest}`;
  return /[.!?]$/.test(said) || said === "" ? said : `${said}.`;
}
