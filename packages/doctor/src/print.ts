import type { Report } from "./examine.ts";
import type { Finding, Level } from "./finding.ts";

const COLORS: Record<Level, string> = { wrong: "31;1", warn: "33", note: "36", skip: "35", ok: "32" };
const LEVELS = ["wrong", "warn", "note", "skip", "ok"] as const satisfies readonly Level[];

/** A table for people, the worst first; why and what to change beneath what is not right. */
export function printable({ findings, ignored }: Report, useColor: boolean): string {
  const paint = (level: Level, text: string) => (useColor ? `\x1b[${COLORS[level]}m${text}\x1b[0m` : text);
  const width = Math.max(...findings.map(({ id }) => id.length));
  const sorted = LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
  const indent = " ".repeat(8 + width);
  const lines = sorted.flatMap(({ level, id, what, why, change }: Finding) => {
    const word = level === "ok" ? "ok" : level.toUpperCase();
    const row = `${paint(level, word.padEnd(5))}  ${id.padEnd(width)} ${what}`;
    if (level === "ok") return [row];
    return [
      row,
      ...(level === "skip" ? [] : [`${indent}why:    ${why}`]),
      ...(change === "" ? [] : [`${indent}change: ${change}`]),
    ];
  });
  const counts = LEVELS.map((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count > 0 ? paint(level, `${count} ${level}`) : `0 ${level}`;
  });
  const hidden = ignored.length > 0 ? `, ${ignored.length} ignored with a reason` : "";
  return `${lines.join("\n")}\n\n${counts.join(", ")}${hidden}`;
}
