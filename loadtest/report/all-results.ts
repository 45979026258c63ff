import type { Machine } from "../machine.ts";
import type { RunReport } from "../measure.ts";

/** Runs on ours, as loadtest/results/ keeps them. */
export interface Results {
  readonly machine: Machine;
  readonly reports: readonly RunReport[];
  /** Why it has not passed. */
  readonly complaints: readonly string[];
  /** What became of background jobs, where there were any. */
  readonly jobs?: string;
}

export function resultsName(test: string, restart: boolean): string {
  return `${test}${restart ? "-restart" : ""}.json`;
}

/** The same load on each database layer, calm and with a restart. */
export interface Comparison {
  readonly machine: Machine;
  readonly settings: string;
  readonly entries: readonly ComparedRun[];
}

export interface ComparedRun {
  readonly variant: "single" | "plain" | "ours";
  readonly variantTitle: string;
  readonly load: string;
  readonly calm: boolean;
  /** Null where it could not be measured, with the reason. */
  readonly report: RunReport | null;
  readonly problem: string | null;
}
