import { type Check, flatness, isFlat, none } from "@openhouse/tooling/measure/verdict";
import type { Sample } from "./sampler.ts";

export interface Findings {
  readonly samples: readonly Sample[];
  /** What the pool was like when all had come to rest, and how many backends the server had by then. */
  readonly settled: Readonly<
    Record<"totalCount" | "idleCount" | "waitingCount" | "closingCount" | "backends", number>
  >;
  readonly callersEnded: boolean;
  readonly wrongWrites: readonly string[];
  readonly foreignRows: number;
  readonly uncaught: readonly string[];
  readonly faultFailures: readonly string[];
  /** Leaks reported, and those that were taken back. */
  readonly leaks: { readonly reported: number; readonly returned: number; readonly expected: number };
}

/** Older than any mixture of deadlines explains, in milliseconds. */
const STUCK_MS = 30_000;

/** By what a run may grow between its second quarter and its last, where chance explains it. */
export function growthOf(samples: readonly Sample[]) {
  return [
    flatness(
      "heap, MB",
      samples.map(({ heapMb }) => heapMb),
      (mb) => mb + 17,
    ),
    flatness(
      "handles",
      samples.map(({ handles }) => handles),
      (count) => count + 17,
    ),
  ];
}

export function checksOf({ samples, settled, leaks, ...findings }: Findings): Check[] {
  const { totalCount, idleCount, waitingCount, closingCount, backends } = settled;
  const oldestMs = Math.max(0, ...samples.map((sample) => sample.oldestMs));
  return [
    [idleCount === totalCount, `a leak: ${idleCount} idle of ${totalCount} connections`],
    [closingCount === 0, `${closingCount} connections are still closing`],
    [backends === totalCount, `the server has ${backends} connections, the pool ${totalCount}`],
    [findings.callersEnded && waitingCount === 0, "a stuck waiter: callers did not come to an end"],
    [oldestMs < STUCK_MS, `a request took ${oldestMs} ms`],
    ...growthOf(samples).map(isFlat),
    none("writes are not what was told", findings.wrongWrites),
    [findings.foreignRows === 0, `${findings.foreignRows} rows of another tenant were seen`],
    none("uncaught errors", findings.uncaught),
    none("faults that could not be made", findings.faultFailures),
    [leaks.reported >= leaks.expected, `${leaks.reported} leaks reported of ${leaks.expected}`],
    [leaks.returned === leaks.reported, `${leaks.reported - leaks.returned} leaks never came back`],
  ];
}
