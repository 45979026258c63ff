import { readFileSync, writeFileSync } from "node:fs";
import { table } from "../cli/screen.ts";

/** A part of a report, which is shown at a terminal and written into documents: text, a table, or a list. */
export type Block = string | Table | readonly string[];

export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** As it is read at a terminal. */
export function textOf(blocks: readonly Block[]): string {
  const texts = blocks.map((block) => {
    if (typeof block === "string") return block.replaceAll("**", "");
    return "headings" in block
      ? table(block.headings, block.rows)
      : block.map((line) => `  ${line}`).join("\n");
  });
  return texts.filter((text) => text !== "").join("\n\n");
}

export function markdownOf(blocks: readonly Block[]): string {
  const texts = blocks.map((block) => {
    if (typeof block === "string") return block;
    return "headings" in block ? markdownTable(block) : block.map((line) => `- ${line}`).join("\n");
  });
  return texts.filter((text) => text !== "").join("\n\n");
}

/** Columns of figures are put to the right. */
function markdownTable({ headings, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const isFigure = (cell: string | undefined) => /^([≤≥] )?[-–\d]|^$/.test(cell ?? "");
  const rules = headings.map((_, column) => (rows.every((row) => isFigure(row[column])) ? "---:|" : "---|"));
  return [line(headings), `|${rules.join("")}`, ...rows.map(line)].join("\n");
}

/** What a run came to, at the end of its document. */
export function outcomeOf(complaints: readonly string[]): Block[] {
  return complaints.length === 0 ? ["Passed."] : ["Not passed:", complaints];
}

/**
 * Puts texts into a document, each between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws {Error} the document has no such place.
 */
export function writeSections(path: string, sections: Readonly<Record<string, string>>): void {
  let text = readFileSync(path, "utf8");
  for (const [name, content] of Object.entries(sections)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${path} has no place for ${name}: ${begin} to ${end}`);
    text = `${text.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${text.slice(to)}`;
  }
  writeFileSync(path, text);
}
