export interface CsvRow {
  /** Where it begins in the file, from 1. */
  line: number;
  cells: string[];
}

const SEPARATORS = [",", ";", "\t"];

/**
 * Rows of a CSV text (RFC 4180), those without a character left out. The separator is the comma, semicolon or tab that the first
 * line has most of: which one a spreadsheet writes depends on its country.
 *
 * @returns what is wrong, where a quote is not closed, or followed by something else.
 */
export function parseCsv(text: string): { rows: CsvRow[]; fault?: never } | { rows?: never; fault: string } {
  const [first = ""] = text.split(/\r?\n|\r/, 1);
  const count = (separator: string) => first.split(separator).length;
  const separator = SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best));
  const rows: CsvRow[] = [];
  let row: CsvRow = { line: 1, cells: [] };
  let line = 1;
  let at = 0;
  while (at <= text.length) {
    const startedAt = line;
    let cell = "";
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        if (at >= text.length) return { fault: `Line ${startedAt}: a quotation mark is not closed.` };
        if (text[at] === '"' && text[at + 1] !== '"') break;
        if (text[at] === '"') at += 1;
        if (text[at] === "\n") line += 1;
        cell += text[at];
      }
      at += 1;
      if (at < text.length && !`${separator}\r\n`.includes(text[at] ?? ""))
        return { fault: `Line ${line}: there is something behind a closing quotation mark.` };
    } else {
      const end = at;
      while (at < text.length && !`${separator}\r\n`.includes(text[at] ?? "")) at += 1;
      cell = text.slice(end, at);
    }
    row.cells.push(cell.trim());
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    if (row.cells.some((each) => each !== "")) rows.push(row);
    at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    line += 1;
    row = { line, cells: [] };
  }
  return { rows };
}
