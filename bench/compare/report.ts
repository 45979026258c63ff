import { table } from "../support/table.ts";
import { format, spreadOf } from "./figures.ts";
import { outcomeOf, ratioOf, summaryOf, type WorkResult } from "./results.ts";
import type { Goal, Work } from "./work.ts";

/** Median of each column, how far its rounds lie apart, and the ratio to the baseline. */
export function workRows(work: Work, result: WorkResult): { headings: string[]; rows: string[][] } {
  const [first, ...others] = work.columns;
  const headings = ["", first.title, "spread", `to ${work.baseline}`, ...others.map(({ title }) => title)];
  const better = work.better === "more" ? -1 : 1;
  const middle = (entry: WorkResult["entries"][number]) => summaryOf(entry, first.key)?.median;
  const rows = result.entries
    .filter((entry) => middle(entry) !== undefined)
    .toSorted((one, other) => better * ((middle(one) ?? 0) - (middle(other) ?? 0)))
    .map((entry) => {
      const summary = summaryOf(entry, first.key);
      const ratio = ratioOf(work, result, entry);
      return [
        entry.title,
        summary === undefined ? "" : format(summary.median, first.digits),
        summary === undefined ? "" : `${format(100 * spreadOf(summary))} %`,
        ratio === undefined ? "" : `${format(ratio.median, 2)} x`,
        ...others.map(({ key, digits }) => {
          const figure = summaryOf(entry, key)?.median;
          return figure === undefined ? "" : format(figure, digits);
        }),
      ];
    });
  return { headings, rows };
}

export function workTable(work: Work, result: WorkResult): string {
  const { headings, rows } = workRows(work, result);
  const goals = (work.goals ?? []).map((goal) => `  reach: ${goalLine(goal, result)}`);
  return [table(headings, rows), ...goals].join("\n");
}

export const REACH_HEADINGS = ["work", "what", "wanted", "measured", "lowest to highest", "reached"];

export function reachRows(works: readonly Work[], results: readonly WorkResult[]): string[][] {
  return works.flatMap((work) => {
    const result = results.find(({ id }) => id === work.id);
    if (result === undefined) return [];
    return (work.goals ?? []).map((goal) => [`(${work.id})`, goal.what, ...goalCells(goal, result)]);
  });
}

/** @returns wanted, measured, from lowest to highest, reached. */
export function goalCells(goal: Goal, result: WorkResult): [string, string, string, string] {
  const { digits = 2, unit = " x" } = goal;
  const shown = (value: number) => `${format(value, digits)}${unit}`;
  const wanted = `${goal.better === "more" ? "≥" : "≤"} ${shown(goal.wanted)}`;
  const outcome = outcomeOf(goal, result);
  if (outcome === undefined) return [wanted, "not measured", "", "–"];
  const { median, lowest, highest } = outcome.measured;
  const spread = `${format(lowest, digits)} to ${format(highest, digits)}`;
  return [wanted, shown(median), spread, outcome.met ? "yes" : "NO"];
}

function goalLine(goal: Goal, result: WorkResult): string {
  const [wanted, measured, spread, reached] = goalCells(goal, result);
  return `${goal.what}: ${measured} (${spread}), wanted ${wanted}: ${reached}`;
}
