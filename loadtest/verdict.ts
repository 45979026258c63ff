import {
  type Check,
  complaintsOf,
  type Flatness,
  flatness,
  isFlat,
  none,
} from "@openhouse/tooling/measure/verdict";
import type { Counts, OperationResult } from "./results.ts";
import type { RunReport } from "./run.ts";

export interface Limits {
  /** Percent of the requests that may fail: at the first attempt, or, with a restart, for good. */
  readonly "max-error-rate": number;
  readonly "max-p99": number;
}

/** Longest that 99 of 100 callers may wait for a connection at normal load, in milliseconds. */
const ACQUIRE_P99_MS = 50;
/** In a shorter run the first half is warming up: its figures are shown, not judged. */
const FLAT_FROM_MINUTES = 5;

/** @returns why a run has failed; empty where it has not. */
export function judge({ generator, restart, ledger, portal }: RunReport, limits: Limits): string[] {
  return complaintsOf([
    ...generator.operations.flatMap((operation) => checksOf(operation, restart !== null, limits)),
    none("acknowledged writes are lost", ledger.lost),
    none("writes are doubled or halved", ledger.doubled),
    [portal.crashes === 0, `the portal ended by itself ${portal.crashes} times`],
    [portal.unexpected === 0, `the portal has logged ${portal.unexpected} unexpected errors`],
  ]);
}

function checksOf(operation: OperationResult, restarted: boolean, limits: Limits): Check[] {
  const { name, asked, answered, answeredAtOnce, latency, unclean } = operation;
  const failed = asked === 0 ? 0 : (asked - (restarted ? answered : answeredAtOnce)) / asked;
  const [mayFail, maxP99Ms] = [limits["max-error-rate"] / 100, limits["max-p99"]];
  return [
    [asked > 0, `${name}: nothing was asked`],
    [failed <= mayFail, `${name}: ${percent(failed)} failed, ${percent(mayFail)} may`],
    [latency.p99Ms <= maxP99Ms, `${name}: p99 is ${Math.round(latency.p99Ms)} ms, ${maxP99Ms} may be`],
    [
      !restarted || Object.keys(unclean).length === 0,
      `${name}: failures that do not say when to come again: ${list(unclean)}`,
    ],
  ];
}

/** Connections and memory, of which neither may grow with the length of a run. */
export function flatnessOf({ portal: { figures }, connections }: RunReport): Flatness[] {
  const [rss, native, heap] = [
    figures.map(({ rssMb }) => rssMb),
    figures.map(({ nativeMb }) => nativeMb),
    figures.map(({ heapMb }) => heapMb),
  ];
  const total = connections.samples.map((sample) => sample.total);
  return [
    // Shown, not judged: with gigabytes to spare V8 puts collections off, and takes hundreds of megabytes more or less.
    flatness("resident memory, MB (median)", rss, () => Number.POSITIVE_INFINITY),
    flatness("resident memory outside of the heap, MB (median)", native, (mb) => 1.15 * mb + 15),
    // What is left right after a collection is what is kept.
    flatness("heap after collections, MB (lowest tenth)", heap, (mb) => 1.2 * mb + 10, 0.1),
    flatness("connections (median)", total, (count) => count + 3),
  ];
}

/** @returns what a mixed run promises beyond what every run does, and did not keep. */
export function judgeMixed(report: RunReport): string[] {
  const { waits, deadlocks, pool, restart, generator } = report;
  const longEnough = generator.seconds >= 60 * FLAT_FROM_MINUTES;
  const p99Ms = waits?.p99Ms ?? Number.POSITIVE_INFINITY;
  // Waits and timeouts are what a restart brings.
  const calm: Check[] = [
    [p99Ms <= ACQUIRE_P99_MS, `acquire wait p99 is ${waitText(waits)}, ${ACQUIRE_P99_MS} ms may be`],
    [pool.timeouts === 0, `${pool.timeouts} callers waited in vain for a connection`],
    [pool.shed === 0, `${pool.shed} callers were refused by a full queue`],
  ];
  return complaintsOf([
    ...(longEnough ? flatnessOf(report).map(isFlat) : []),
    [deadlocks === 0, `${deadlocks} deadlocks`],
    ...(restart === null ? calm : []),
  ]);
}

export function waitText(waits: RunReport["waits"]): string {
  if (waits === null) return "not told";
  const p99 = Number.isFinite(waits.p99Ms) ? `${milliseconds(waits.p99Ms)} ms` : "above 10 s";
  return `${waits.bound ? "≤ " : ""}${p99}`;
}

export function milliseconds(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function percent(share: number): string {
  const digits = share > 0 && share < 0.001 ? 3 : share === 1 || share === 0 ? 0 : 1;
  return `${(100 * share).toFixed(digits)} %`;
}

export function list(counts: Counts): string {
  const entries = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  return entries.map(([kind, count]) => `${count} x ${kind}`).join(", ");
}
