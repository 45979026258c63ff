import { existsSync, readFileSync } from "node:fs";
import { type Histogram, quantileMs } from "@openhouse/pool";

/** What the portal tells of itself, each of its processes once a second; see probe.mjs. */
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
  return inAll(lines.map((line): ProcessFigures => JSON.parse(line)));
}

/** As one process tells them. */
export type ProcessFigures = PortalFigures & { readonly pid: number };

/** What all processes of a portal have together, each time that one of them tells; `cpuMs` is what that one has used. */
export function inAll(lines: readonly ProcessFigures[]): PortalFigures[] {
  const latest = new Map<number, ProcessFigures>();
  return lines.map((line) => {
    latest.set(line.pid, line);
    const all = [...latest.values()];
    const sum = (of: (each: PortalFigures) => number) => all.reduce((total, each) => total + of(each), 0);
    return {
      ...line,
      rss: sum(({ rss }) => rss),
      heapTotal: sum(({ heapTotal }) => heapTotal),
      heapUsed: sum(({ heapUsed }) => heapUsed),
      waiting: sum(({ waiting }) => waiting),
      totals: totalsOf(all),
    };
  });
}

function totalsOf(all: readonly PortalFigures[]): PortalFigures["totals"] {
  return all
    .map(({ totals }) => totals)
    .reduce((one, other) => {
      if (one === null || other === null) return one ?? other;
      return {
        wait: {
          boundsMs: one.wait.boundsMs,
          counts: one.wait.counts.map((count, bucket) => count + (other.wait.counts[bucket] ?? 0)),
          count: one.wait.count + other.wait.count,
          sumMs: one.wait.sumMs + other.wait.sumMs,
        },
        timeouts: one.timeouts + other.timeouts,
        shed: one.shed + other.shed,
      };
    });
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
