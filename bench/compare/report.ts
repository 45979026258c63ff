import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { drawChart, type Panel } from "@openhouse/tooling/measure/chart";
import { type Block, markdownOf, type Table, writeSections } from "@openhouse/tooling/measure/markdown";
import { CONTESTANTS, contestants } from "../clients/index.ts";
import { WORKS } from "../work/index.ts";
import { format } from "./figures.ts";
import { nameOf, outcomeOf, RESULTS, type Results, ratioOf, summaryOf, type WorkResult } from "./results.ts";
import type { Goal, Work } from "./work.ts";

/** Rounds below this have no spread to speak of. */
const FEW = 3;

/** Median of each column, how far its rounds lie apart, and the ratio to the baseline. */
export function workTable(work: Work, result: WorkResult): Table {
  const [first, ...others] = work.columns;
  const better = work.better === "more" ? -1 : 1;
  const measured = result.entries.flatMap((entry) => {
    const summary = summaryOf(entry, first.key);
    return summary === undefined ? [] : [{ entry, summary }];
  });
  measured.sort((one, other) => better * (one.summary.median - other.summary.median));
  const rows = measured.map(({ entry, summary: { median, lowest, highest } }) => {
    const ratio = ratioOf(work, result, entry)?.median;
    const figures = others.map(({ key, digits }) => [summaryOf(entry, key)?.median, digits] as const);
    return [
      entry.title,
      format(median, first.digits),
      median === 0 ? "" : `${format((100 * (highest - lowest)) / Math.abs(median))} %`,
      ratio === undefined ? "" : `${format(ratio, 2)} x`,
      ...figures.map(([figure, digits]) => (figure === undefined ? "" : format(figure, digits))),
    ];
  });
  return {
    headings: ["", first.title, "spread", `to ${work.baseline}`, ...others.map(({ title }) => title)],
    rows,
  };
}

/** What the works were to reach, and did, beside a run before this one. */
export function reachTable(results: Results, previous?: Results): Table {
  const rows = measuredWorks(results).flatMap(([work, result]) =>
    (work.goals ?? []).map((goal) => {
      const before = previous?.works.find(({ id }) => id === work.id);
      const [wanted, measured, spread, reached] = goalCells(goal, result);
      const measuredBefore = before === undefined ? "" : goalCells(goal, before)[1];
      return [`(${work.id}) ${goal.what}`, wanted, measured, spread, measuredBefore, reached];
    }),
  );
  return { headings: ["", "wanted", "this run", "lowest to highest", "the run before", "reached"], rows };
}

function goalCells(goal: Goal, result: WorkResult): [string, string, string, string] {
  const { digits = 2, unit = " x" } = goal;
  const shown = (value: number) => `${format(value, digits)}${unit}`;
  const wanted = `${goal.better === "more" ? "≥" : "≤"} ${shown(goal.wanted)}`;
  const outcome = outcomeOf(goal, result);
  if (outcome === undefined) return [wanted, "not measured", "", "–"];
  const { median, lowest, highest } = outcome.measured;
  return [
    wanted,
    shown(median),
    `${format(lowest, digits)} to ${format(highest, digits)}`,
    outcome.met ? "yes" : "NO",
  ];
}

/** Writes a report and its chart beside the results, and where it is wished, into the documents. @returns what it has written. */
export function writeReport(results: Results, previous: Results | undefined, intoDocs: boolean): string[] {
  const text = markdownOf(reportOf(results, previous));
  const name = nameOf(results);
  const written = [RESULTS.write(`${name}.md`, text), RESULTS.write(`${name}.svg`, chartOf(results))];
  if (!intoDocs) return written;
  const docs = join(repositoryRoot(), "docs");
  writeSections(join(docs, "BENCHMARKS.md"), { bench: text });
  copyFileSync(RESULTS.pathOf(`${name}.svg`), join(docs, "benchmarks.svg"));
  return [...written, join(docs, "BENCHMARKS.md"), join(docs, "benchmarks.svg")];
}

function reportOf(results: Results, previous: Results | undefined): Block[] {
  const { quick, rounds, warmUpMs, measureMs } = results.options;
  const works = measuredWorks(results);
  const missed = works.flatMap(([work, result]) =>
    (work.goals ?? [])
      .filter((goal) => outcomeOf(goal, result)?.met === false)
      .map(({ what, bound }) => `(${work.id}) ${what}: ${bound ?? "the reason is not known yet."}`),
  );
  const when = [results, ...(previous === undefined ? [] : [previous])].map(
    ({ startedAt, seconds }) => `${startedAt}, ${seconds} s`,
  );
  const settings = `${rounds}, fewer where a work says so; ${warmUpMs} ms to warm up, ${measureMs} ms measured`;
  return [
    ...(quick ? ["**This is a `--quick` run: it shows that the bench works, and little else.**"] : []),
    ...(rounds < FEW
      ? [`**This is a run of ${rounds}: too few rounds to tell a difference from chance.**`]
      : []),
    "## What was to be reached",
    `This run: ${when[0]}.${when[1] === undefined ? "" : ` The run before: ${when[1]}.`}`,
    reachTable(results, previous),
    ...titled("Where it is not reached, what stands in the way:", missed),
    "## Results",
    "![The first column of each table: medians, and lines from the lowest to the highest round](benchmarks.svg)",
    ...works.flatMap(([work, result]) => section(work, result)),
    "## Machine",
    { headings: ["", ""], rows: [...Object.entries(results.machine), ["rounds", settings]] },
  ];
}

function section(work: Work, result: WorkResult): Block[] {
  const rounds = Math.max(0, ...result.entries.map((entry) => entry.rounds.length));
  const absent = [
    ...(work.leftOut ?? []).map(({ title, reason }) => `${title}: ${reason}`),
    ...result.entries.flatMap(({ title, problem }) =>
      problem === undefined ? [] : [`${title}: ${problem}`],
    ),
  ];
  return [
    `### (${work.id}) ${work.title}`,
    `${work.method} Rounds: ${rounds}.`,
    workTable(work, result),
    ...titled("Ahead of ours:", peersAhead(work, result)),
    ...titled("Not measured:", absent),
  ];
}

function titled(title: string, lines: readonly string[]): Block[] {
  return lines.length === 0 ? [] : [title, lines];
}

/** Peers whose median is better, with the reason; the limit is no peer, and variants of ours are not either. */
function peersAhead(work: Work, result: WorkResult): string[] {
  const [{ key }] = work.columns;
  const mine = result.entries.find(({ title }) => title === CONTESTANTS.ours.title);
  const ours = mine && summaryOf(mine, key);
  return result.entries.flatMap((entry) => {
    const theirs = summaryOf(entry, key);
    if (/^(ours|limit)/.test(entry.title) || ours === undefined || theirs === undefined) return [];
    const factor = work.better === "more" ? theirs.median / ours.median : ours.median / theirs.median;
    if (!(factor > 1)) return [];
    const overlap = theirs.lowest <= ours.highest && ours.lowest <= theirs.highest;
    const usual = contestants().find(({ title }) => title === entry.title)?.ahead;
    const reason = overlap
      ? "The rounds of both overlap: no difference that counts."
      : (work.ahead?.[entry.title] ?? usual ?? "The reason is not known yet.");
    return [`${entry.title}, ${format(factor, 2)} times: ${reason}`];
  });
}

function chartOf(results: Results): string {
  const panels = measuredWorks(results).flatMap(([work, result]): Panel[] => {
    const [{ key, title: unit, digits }] = work.columns;
    if (work.series !== undefined)
      return work.series.map(({ title, points }) => ({
        title: `(${work.id}) ${title}`,
        logarithmic: true,
        lines: result.entries.map((entry) => ({
          name: entry.title,
          points: points.map(({ at, key }) => [at, summaryOf(entry, key)?.median ?? 0] as const),
        })),
      }));
    const bars = result.entries.flatMap((entry) => {
      const summary = summaryOf(entry, key);
      if (summary === undefined) return [];
      const { median, lowest, highest } = summary;
      return [
        {
          name: entry.title,
          value: median,
          text: format(median, digits),
          spread: [lowest, highest] as const,
        },
      ];
    });
    const better = work.better === "more" ? -1 : 1;
    bars.sort((one, other) => better * (one.value - other.value));
    return [{ title: `(${work.id}) ${unit}, ${work.better} is better`, bars }];
  });
  return drawChart(`${results.startedAt.slice(0, 10)}: our pool beside what people use instead`, panels);
}

function measuredWorks({ works }: Results): (readonly [Work, WorkResult])[] {
  return WORKS.flatMap((work) => {
    const result = works.find(({ id }) => id === work.id);
    return result === undefined ? [] : [[work, result] as const];
  });
}
