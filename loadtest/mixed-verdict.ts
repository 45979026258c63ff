import type { RunReport } from "./measure.ts";

/** A figure of the second quarter of a run beside that of the last: the first is left to warming up. */
export interface Flatness {
  readonly what: string;
  readonly second: number;
  readonly last: number;
  /** What the last may be, chance and the garbage collector's moods allowed for. */
  readonly limit: number;
}

/** Longest that 99 of 100 callers may wait for a connection at normal load, in milliseconds. */
const ACQUIRE_P99_MS = 50;
/** In a shorter run the first half is warming up: its figures are shown, not judged. */
const FLAT_FROM_MINUTES = 5;

/** Connections and memory, of which neither may grow with the length of a run. */
export function flatness({ portal, connections }: RunReport): Flatness[] {
  const [rss, native, heap, total] = [
    quarters(portal.figures.map(({ rssMb }) => rssMb)),
    quarters(portal.figures.map(({ nativeMb }) => nativeMb)),
    quarters(portal.figures.map(({ heapMb }) => heapMb)),
    quarters(connections.samples.map((sample) => sample.total)),
  ];
  const figure = (
    what: string,
    of: (values: readonly number[]) => number,
    values: Quarters,
    limit: (second: number) => number,
  ) => {
    const second = of(values.second);
    return { what, second, last: of(values.last), limit: limit(second) };
  };
  return [
    // Shown, not judged: with gigabytes to spare V8 puts collections off, and takes hundreds of megabytes more or less.
    figure("resident memory, MB (median)", median, rss, () => Number.POSITIVE_INFINITY),
    figure("resident memory outside of the heap, MB (median)", median, native, (mb) => 1.15 * mb + 15),
    // What is left right after a collection is what is kept.
    figure("heap after collections, MB (lowest tenth)", lowestTenth, heap, (mb) => 1.2 * mb + 10),
    figure("connections (median)", median, total, (count) => count + 3),
  ];
}

/** @returns what a mixed run promises beyond what every run does, and did not keep. */
export function judgeMixed(report: RunReport, { restart }: { restart: boolean }): string[] {
  const complaints: string[] = [];
  const longEnough = report.generator.seconds >= 60 * FLAT_FROM_MINUTES;
  for (const { what, second, last, limit } of longEnough ? flatness(report) : [])
    if (last > limit)
      complaints.push(`${what} grew from ${second} in the second quarter to ${last} in the last`);
  const { waits, deadlocks, pool } = report;
  if (deadlocks > 0) complaints.push(`${deadlocks} deadlocks`);
  if (restart) return complaints; // waits and timeouts are what a restart brings
  if (waits === null || waits.p99Ms > ACQUIRE_P99_MS)
    complaints.push(
      `acquire wait p99 is ${waits === null ? "unknown" : `up to ${waits.p99Ms} ms`}, ${ACQUIRE_P99_MS} may be`,
    );
  if (pool.timeouts > 0) complaints.push(`${pool.timeouts} callers waited in vain for a connection`);
  if (pool.shed > 0) complaints.push(`${pool.shed} callers were refused by a full queue`);
  return complaints;
}

interface Quarters {
  readonly second: readonly number[];
  readonly last: readonly number[];
}

function quarters(values: readonly number[]): Quarters {
  const quarter = values.length / 4;
  return {
    second: values.slice(Math.floor(quarter), Math.floor(2 * quarter)),
    last: values.slice(Math.floor(3 * quarter)),
  };
}

function median(values: readonly number[]): number {
  return rank(values, 0.5);
}

function lowestTenth(values: readonly number[]): number {
  return rank(values, 0.1);
}

function rank(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
