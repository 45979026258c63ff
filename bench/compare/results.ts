import { renameSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import type { Machine } from "@openhouse/tooling/measure/machine";
import { ResultsFolder } from "@openhouse/tooling/measure/results";
import { WORKS } from "../work/index.ts";
import { type Figures, type Summary, summarize } from "./figures.ts";
import type { Goal, RunOptions, Work } from "./work.ts";

export const RESULTS = new ResultsFolder(join(repositoryRoot(), "bench", "results"));

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
  readonly options: RunOptions;
  readonly machine: Machine;
  readonly works: readonly WorkResult[];
}

/**
 * Writes the results, with what their goals came to for machines. A whole run's take the place of the run before, which is
 * kept under another name; those of a part, or of a quick run, do not.
 *
 * @returns where they lie.
 */
export function saveResults(results: Results): string {
  const goals = results.works.flatMap((result) =>
    (WORKS.find(({ id }) => id === result.id)?.goals ?? []).map((goal) => {
      const { measured = null, met = false } = outcomeOf(goal, result) ?? {};
      return { work: result.id, what: goal.what, wanted: goal.wanted, measured, met };
    }),
  );
  const name = nameOf(results);
  if (name === "bench" && RESULTS.read("bench.json") !== undefined)
    renameSync(RESULTS.pathOf("bench.json"), RESULTS.pathOf("bench-previous.json"));
  return RESULTS.write(`${name}.json`, { ...results, goals });
}

/** Of its files in bench/results. */
export function nameOf({ works, options }: Results): "bench" | "bench-partial" {
  return works.length === WORKS.length && !options.quick ? "bench" : "bench-partial";
}

/** Of the last whole run, or the one before. */
export function loadResults(name: "bench" | "bench-previous"): Results | undefined {
  const text = RESULTS.read(`${name}.json`);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The middle of a column's rounds. */
export function summaryOf({ rounds }: EntryResult, key: string): Summary | undefined {
  return summarize(rounds.map((figures) => figures?.[key]));
}

/** How many times the baseline's figure an entry's is, round by round. */
export function ratioOf(work: Work, { entries }: WorkResult, entry: EntryResult): Summary | undefined {
  const baseline = entries.find(({ title }) => title === work.baseline);
  const { key } = work.columns[0];
  return summarize(
    entry.rounds.map((figures, round) => {
      const [mine, theirs] = [figures?.[key], baseline?.rounds[round]?.[key]];
      return mine === undefined || theirs === undefined ? undefined : mine / theirs;
    }),
  );
}

/** What a goal came to: taken in each round, because what disturbs one entry disturbs its neighbours. */
export function outcomeOf(
  goal: Goal,
  { entries }: WorkResult,
): { measured: Summary; met: boolean } | undefined {
  const count = Math.max(0, ...entries.map(({ rounds }) => rounds.length));
  const measured = summarize(
    Array.from({ length: count }, (_, round) =>
      goal.of((title) => entries.find((entry) => entry.title === title)?.rounds[round] ?? undefined),
    ),
  );
  if (measured === undefined) return undefined;
  const met = goal.better === "more" ? measured.median >= goal.wanted : measured.median <= goal.wanted;
  return { measured, met };
}
