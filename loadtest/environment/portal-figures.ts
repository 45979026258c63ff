import { existsSync, readFileSync } from "node:fs";

/** What the portal's process tells of itself once a second; see probe.mjs. */
export interface PortalFigures {
  readonly at: number;
  readonly kind: string;
  readonly rss: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  readonly cpuMs: number;
  readonly waiting: number;
  readonly totals: {
    readonly wait: { readonly counts: readonly number[]; readonly sumMs: number };
    readonly timeouts: number;
    readonly shed: number;
  } | null;
  /** Of a plain pool. */
  readonly waits: { readonly count: number; readonly p99Ms: number } | null;
  readonly both: boolean;
}

/** Upper bounds of the pool's wait histogram, in milliseconds; one more bucket holds what is longer. */
const BUCKETS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000];

/** Lines that are being written while they are read are left out. */
export function readFigures(path: string): PortalFigures[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line): PortalFigures => JSON.parse(line));
}

/** How long callers waited for a connection: the share's upper bound, as the pool counts in buckets. */
export interface AcquireWaits {
  readonly acquired: number;
  readonly meanMs: number | null;
  readonly p99Ms: number;
  /** Whether `p99Ms` is a bucket's bound, and the truth at most that. */
  readonly bound: boolean;
}

/** Between two looks; null where the database layer does not tell. */
export function acquireWaits(
  first: PortalFigures | undefined,
  last: PortalFigures | undefined,
): AcquireWaits | null {
  if (last?.waits) return { acquired: last.waits.count, meanMs: null, p99Ms: last.waits.p99Ms, bound: false };
  if (!last?.totals) return null;
  const before = first?.totals?.wait;
  const counts = last.totals.wait.counts.map((count, index) => count - (before?.counts[index] ?? 0));
  const acquired = counts.reduce((sum, count) => sum + count, 0);
  if (acquired === 0) return null;
  const sumMs = last.totals.wait.sumMs - (before?.sumMs ?? 0);
  let seen = 0;
  const bucket = counts.findIndex((count) => {
    seen += count;
    return seen >= 0.99 * acquired;
  });
  const p99Ms = BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY;
  return { acquired, meanMs: sumMs / acquired, p99Ms, bound: true };
}
