import type { RunReport } from "./measure.ts";
import type { OperationResult } from "./results.ts";

export interface Thresholds {
  /** Share of the requests that may fail: at the first attempt, or, with a restart, for good. */
  readonly maxErrorRate: number;
  readonly maxP99Ms: number | undefined;
}

/** @returns why a run has failed; empty where it has not. */
export function judge(report: RunReport, { maxErrorRate, maxP99Ms }: Thresholds): string[] {
  const { generator, restart, ledger, portal } = report;
  const complaints: string[] = [];
  for (const operation of generator.operations) {
    const { name, asked, latency, unclean } = operation;
    if (asked === 0) complaints.push(`${name}: nothing was asked`);
    const rate = errorRate(operation, restart !== null);
    if (rate > maxErrorRate)
      complaints.push(`${name}: ${percent(rate)} failed, ${percent(maxErrorRate)} may`);
    if (maxP99Ms !== undefined && latency.p99Ms > maxP99Ms)
      complaints.push(`${name}: p99 is ${Math.round(latency.p99Ms)} ms, ${maxP99Ms} may be`);
    if (restart !== null && Object.keys(unclean).length > 0)
      complaints.push(`${name}: failures that do not say when to come again: ${list(unclean)}`);
  }
  const told = ([what, entries]: [string, readonly string[]]) =>
    entries.length > 0 && complaints.push(`${entries.length} ${what}: ${entries.slice(0, 3).join("; ")}`);
  told(["acknowledged writes are lost", ledger.lost]);
  told(["writes are doubled or halved", ledger.doubled]);
  if (portal.crashes > 0) complaints.push(`the portal ended by itself ${portal.crashes} times`);
  if (portal.unexpected > 0) complaints.push(`the portal has logged ${portal.unexpected} unexpected errors`);
  return complaints;
}

/** The share that was not answered well: at the first attempt, or for good. */
function errorRate({ asked, answered, answeredAtOnce }: OperationResult, forGood: boolean): number {
  return asked === 0 ? 0 : (asked - (forGood ? answered : answeredAtOnce)) / asked;
}

export function percent(share: number): string {
  const digits = share > 0 && share < 0.001 ? 3 : share === 1 || share === 0 ? 0 : 1;
  return `${(100 * share).toFixed(digits)} %`;
}

export function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  return entries.map(([kind, count]) => `${count} x ${kind}`).join(", ");
}
