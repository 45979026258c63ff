import type { Sample } from "./sampler.ts";

export interface Findings {
  readonly samples: readonly Sample[];
  /** What the pool was like when all had come to rest. */
  readonly settled: {
    readonly totalCount: number;
    readonly idleCount: number;
    readonly waitingCount: number;
    readonly closingCount: number;
  };
  /** Backends on the server, by then. */
  readonly backends: number;
  readonly callersEnded: boolean;
  readonly wrongWrites: readonly string[];
  readonly foreignRows: number;
  readonly uncaught: readonly string[];
  readonly faultFailures: readonly string[];
  /** Leaks reported, and those that took their word back. */
  readonly leaks: { readonly reported: number; readonly returned: number; readonly expected: number };
}

/** Older than any mixture of deadlines explains, in milliseconds. */
const STUCK_MS = 30_000;
/** Connector over the measured part of the run that chance explains. */
const HEAP_GROWTH_MB = 25;
const HANDLES_GROWTH = 25;
/** Part of the run in which caches fill and code is compiled. */
const WARM_UP = 0.3;

/** @returns why the run has failed; empty where it has not. */
export function judge(findings: Findings): string[] {
  const {
    samples,
    settled,
    backends,
    callersEnded,
    wrongWrites,
    foreignRows,
    uncaught,
    faultFailures,
    leaks,
  } = findings;
  const heapGrowthMb = growth(samples, ({ heapMb }) => heapMb);
  const handlesGrowth = growth(samples, ({ handles }) => handles);
  const oldestMs = Math.max(0, ...samples.map((sample) => sample.oldestMs));
  const checks: [boolean, string][] = [
    [
      settled.idleCount === settled.totalCount,
      `a leak: ${settled.idleCount} idle of ${settled.totalCount} connections`,
    ],
    [settled.closingCount === 0, `${settled.closingCount} connections are still closing`],
    [
      backends === settled.totalCount,
      `the server has ${backends} connections, the pool ${settled.totalCount}`,
    ],
    [callersEnded && settled.waitingCount === 0, "a stuck waiter: callers did not come to an end"],
    [oldestMs < STUCK_MS, `a request took ${oldestMs} ms`],
    [heapGrowthMb < HEAP_GROWTH_MB, `memory grew by ${heapGrowthMb.toFixed(1)} MB after the warm-up`],
    [handlesGrowth < HANDLES_GROWTH, `handles grew by ${Math.round(handlesGrowth)} after the warm-up`],
    [
      wrongWrites.length === 0,
      `${wrongWrites.length} writes are not what was told: ${wrongWrites.slice(0, 5).join("; ")}`,
    ],
    [foreignRows === 0, `${foreignRows} rows of another tenant were seen`],
    [uncaught.length === 0, `uncaught: ${uncaught.slice(0, 5).join("; ")}`],
    [faultFailures.length === 0, `faults that could not be made: ${faultFailures.slice(0, 5).join("; ")}`],
    [leaks.reported >= leaks.expected, `${leaks.reported} leaks reported of ${leaks.expected}`],
    [leaks.returned === leaks.reported, `${leaks.reported - leaks.returned} leaks never came back`],
  ];
  return checks.filter(([passed]) => !passed).map(([, complaint]) => complaint);
}

/** By how much the straight line through a figure rises after the warm-up. */
export function growth(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  const measured = samples.slice(Math.floor(WARM_UP * samples.length));
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  const mean = (of: (sample: Sample) => number) =>
    measured.reduce((sum, each) => sum + of(each), 0) / measured.length;
  const [meanAt, meanFigure] = [mean(({ atS }) => atS), mean(figure)];
  const covariance = mean((each) => (each.atS - meanAt) * (figure(each) - meanFigure));
  const variance = mean(({ atS }) => (atS - meanAt) ** 2);
  return (covariance / variance) * (last.atS - first.atS);
}
