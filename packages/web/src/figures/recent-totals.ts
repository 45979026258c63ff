import type { Histogram, PoolTotals } from "@openhouse/pool";

/** How far back "lately" reaches. */
export const LATELY_MS = 5 * 60_000;
/** Between two of the totals that are kept. */
const STEP_MS = 10_000;

/** A pool's totals, and when they were read, in milliseconds since 1970. */
interface TotalsAt {
  readonly atMs: number;
  readonly totals: PoolTotals;
}

/** What has happened in the last five minutes, of totals that count from the start. */
export class RecentTotals {
  readonly #kept: TotalsAt[] = [];
  #newest: TotalsAt | undefined;

  add(totals: PoolTotals, atMs: number): void {
    if (totals.acquired < (this.#newest?.totals.acquired ?? 0)) this.#kept.length = 0; // of another pool
    this.#newest = { atMs, totals };
    if (atMs - (this.#kept.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= STEP_MS)
      this.#kept.push(this.#newest);
    while ((this.#kept[0]?.atMs ?? atMs) < atMs - LATELY_MS) this.#kept.shift();
  }

  /** Undefined where there is nothing to compare yet. */
  get span(): { before: PoolTotals; after: PoolTotals; elapsedMs: number } | undefined {
    const [oldest] = this.#kept;
    if (oldest === undefined || this.#newest === undefined || this.#newest === oldest) return undefined;
    return {
      before: oldest.totals,
      after: this.#newest.totals,
      elapsedMs: this.#newest.atMs - oldest.atMs,
    };
  }
}

/** The durations that came between two readings of one histogram. */
export function histogramBetween(before: Histogram, after: Histogram): Histogram {
  return {
    boundsMs: after.boundsMs,
    counts: after.counts.map((count, bucket) => count - (before.counts[bucket] ?? 0)),
    count: after.count - before.count,
    sumMs: after.sumMs - before.sumMs,
  };
}

/** What has been counted by kind between two readings, the most first. */
export function countsBetween<Kind extends string>(
  before: Readonly<Partial<Record<Kind, number>>>,
  after: Readonly<Partial<Record<Kind, number>>>,
): { kind: Kind; count: number }[] {
  return (Object.keys(after) as Kind[])
    .map((kind) => ({ kind, count: (after[kind] ?? 0) - (before[kind] ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
}
