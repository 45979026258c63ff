import { existsSync, readFileSync, renameSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeResult } from "../support/results.ts";
import { WORKS } from "../work/index.ts";
import { type Figures, type Summary, summarize } from "./figures.ts";
import type { Effort, Goal, Work } from "./work.ts";

const NAME = "bench.json";
const PREVIOUS = "bench-previous.json";
/** Of a part only, or of a quick run: it does not replace what a whole one has found. */
const PARTIAL = "bench-partial.json";

export interface EntryResult {
  readonly title: string;
  /** By round; null where it could not be measured. */
  readonly rounds: (Figures | null)[];
  /** Why not. */
  problem?: string;
}

export interface WorkResult {
  readonly id: string;
  readonly entries: readonly EntryResult[];
}

/** A run, as bench/results/bench.json has it. */
export interface Results {
  readonly startedAt: string;
  readonly seconds: number;
  readonly effort: Effort;
  readonly machine: Readonly<Record<string, string>>;
  readonly works: readonly WorkResult[];
  /** For machines: the goals' ratios; null where nothing was measured. */
  readonly goals: readonly {
    work: string;
    what: string;
    wanted: number;
    measured: Summary | null;
    met: boolean;
  }[];
}

/**
 * Writes the results. A whole run's take the place of the run before, which is kept under another name.
 *
 * @returns where they lie.
 */
export function saveResults(results: Results): string {
  const whole = results.works.length === WORKS.length && !results.effort.quick;
  if (!whole) return writeResult(PARTIAL, textOf(results));
  const path = pathOf(NAME);
  if (existsSync(path)) renameSync(path, pathOf(PREVIOUS));
  return writeResult(NAME, textOf(results));
}

function textOf(results: Results): string {
  return `${JSON.stringify(results, null, 1)}\n`;
}

/** Of the last whole run, or the one before. */
export function loadResults(which: "last" | "previous"): Results | undefined {
  const path = pathOf(which === "last" ? NAME : PREVIOUS);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../results/${name}`, import.meta.url));
}

/** The middle of a column's rounds. */
export function summaryOf({ rounds }: EntryResult, key: string): Summary | undefined {
  const values = rounds.map((figures) => figures?.[key]).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : summarize(values);
}

/** How many times the baseline's figure an entry's is, round by round. */
export function ratioOf(work: Work, { entries }: WorkResult, entry: EntryResult): Summary | undefined {
  const baseline = entries.find(({ title }) => title === work.baseline);
  const key = work.columns[0].key;
  const ratios = entry.rounds.map((figures, round) => {
    const [mine, theirs] = [figures?.[key], baseline?.rounds[round]?.[key]];
    return mine === undefined || theirs === undefined ? undefined : mine / theirs;
  });
  const measured = ratios.filter((ratio) => ratio !== undefined && Number.isFinite(ratio));
  return measured.length === 0 ? undefined : summarize(measured.filter((ratio) => ratio !== undefined));
}

/** What a goal came to: taken in each round, because what disturbs one entry disturbs its neighbours. */
export function outcomeOf(
  goal: Goal,
  { entries }: WorkResult,
): { measured: Summary; met: boolean } | undefined {
  const count = Math.max(0, ...entries.map(({ rounds }) => rounds.length));
  const values = Array.from({ length: count }, (_, round) =>
    goal.of((title) => entries.find((entry) => entry.title === title)?.rounds[round] ?? undefined),
  ).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  const measured = summarize(values);
  const met = goal.better === "more" ? measured.median >= goal.wanted : measured.median <= goal.wanted;
  return { measured, met };
}
