import type { Operation } from "../clients/client.ts";
import { type Figures, percentile } from "./figures.ts";
import type { RunOptions } from "./work.ts";

export interface LoadOptions extends Pick<RunOptions, "warmUpMs" | "measureMs"> {
  readonly callers: number;
  /** Which rows the n-th operation is about. @default pseudo-random, the same for everybody */
  readonly pick?: (sequence: number) => number;
  /** Rejections are part of the work. @default one ends the measurement */
  readonly mayFail?: boolean;
  /** Operations before the window, should the time for warming up be too short for them. @default 0 */
  readonly warmOperations?: number;
}

/** After so many operations V8 has compiled what there is to compile. */
export const WARM_OPERATIONS = 5_000;
/** What slow operations may take for it, in milliseconds. */
const WARM_LIMIT_MS = 2_500;

/** A closed loop: each caller waits for its answer before it asks again. What is answered inside the window counts. */
export async function measureLoad(operation: Operation, options: LoadOptions): Promise<Figures> {
  const { callers, warmUpMs, measureMs, pick = scattered, mayFail = false, warmOperations = 0 } = options;
  let sequence = 0;
  let over = false;
  let counting = false;
  let answered = 0;
  let failed = 0;
  let latenciesMs: number[] = [];

  const call = async () => {
    while (!over) {
      const n = pick(sequence++);
      const beganMs = performance.now();
      try {
        await operation(n);
      } catch (error) {
        if (!mayFail) throw error;
        if (counting) failed++;
      }
      answered++;
      if (counting) latenciesMs.push(performance.now() - beganMs);
    }
  };
  const all = Promise.all(Array.from({ length: callers }, call)).finally(() => {
    over = true;
  });

  await pause(warmUpMs, all);
  for (let spentMs = warmUpMs; answered < warmOperations && spentMs < WARM_LIMIT_MS && !over; spentMs += 50)
    await pause(50, all);
  const cpuBefore = process.cpuUsage();
  const sinceMs = performance.now();
  counting = true;
  await pause(measureMs, all);
  counting = false;
  over = true;
  const seconds = (performance.now() - sinceMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const finished = latenciesMs.length;
  const sorted = Float64Array.from(latenciesMs).sort();
  latenciesMs = [];
  await all;
  return {
    perSecond: finished / seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    cpuUs: (user + system) / finished,
    failedPercent: (100 * failed) / finished,
  };
}

/** Runs an operation often enough that it is compiled. */
export async function warmUp(operation: Operation, callers: number, { quick }: RunOptions): Promise<void> {
  const warmOperations = quick ? 0 : WARM_OPERATIONS;
  await measureLoad(operation, { callers, warmUpMs: 100, measureMs: 1, warmOperations });
}

/** Ends early, with its error, when the load does. */
async function pause(ms: number, load: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([time, load]);
  clearTimeout(timer);
}

/** Numbers from 0 to 2^31 that look random, and are the same in every process. */
function scattered(sequence: number): number {
  return Math.imul(sequence + 1, 0x9e3779b1) >>> 1;
}
