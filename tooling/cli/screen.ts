import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** Rows as aligned columns, indented, under their headings. Numbers to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? "").length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    `  ${cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof cell === "number" ? String(cell).padStart(width) : cell.padEnd(width);
      })
      .join("  ")}`.trimEnd();
  const numeric = headings.map((_, column) => rows.length > 0 && typeof rows[0]?.[column] === "number");
  const head = headings.map((heading, column) =>
    numeric[column] ? heading.padStart(widths[column] ?? 0) : heading,
  );
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Says which part speaks: `developer-portal | ready in 300 ms`. */
export function speaker(name: string, width: number): (line: string) => void {
  const prefix = `${name.padEnd(width)} | `;
  return (line) => console.log(prefix + line);
}

/** Passes on what a process prints, line by line. */
export function relay(output: Readable | null, say: (line: string) => void): void {
  if (output === null) return;
  createInterface({ input: output }).on("line", (line) => {
    if (stripVTControlCharacters(line).trim() !== "") say(line);
  });
}
