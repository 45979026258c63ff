import { existsSync, readFileSync } from "node:fs";
import { type Histogram, quantileMs } from "@openhouse/pool";

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
    readonly wait: Histogram;
    readonly timeouts: number;
    readonly shed: number;
  } | null;
  /** Of a plain pool. */
  readonly waits: { readonly count: number; readonly p99Ms: number } | null;
  readonly both: boolean;
}

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
  const sumMs = last.totals.wait.sumMs - (before?.sumMs ?? 0);
  const p99Ms = quantileMs({ ...last.totals.wait, counts, count: acquired, sumMs }, 0.99);
  if (p99Ms === undefined) return null; // nobody has acquired any
  return { acquired, meanMs: sumMs / acquired, p99Ms, bound: true };
}
