import type { Operation } from "../clients/client.ts";
import { CALLERS } from "./throughput.ts";

/**
 * A closed loop of operations, in windows with and without something beside it. The two of a pair are neighbours, and
 * take turns in being first, so that neither a drift nor the order tells. The timer that calls it runs in both: waking
 * every millisecond costs more than what it measures.
 *
 * @returns operations a second of each pair, without and with what runs beside them.
 */
export async function alternate(options: {
  readonly operation: Operation;
  readonly beside: () => Promise<unknown>;
  readonly timesPerSecond: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly pairs: number;
}): Promise<{ pairs: { alone: number; beside: number }[]; probesPerSecond: number }> {
  const { operation, beside, timesPerSecond, windowMs } = options;
  let [over, finished, sequence] = [false, 0, 0];
  const call = async () => {
    for (; !over; finished++) await operation(sequence++);
  };
  const all = Promise.all(Array.from({ length: CALLERS }, call)).finally(() => {
    over = true;
  });

  /** Calls `work` so many times a second, and catches up where the process was too busy to be on time. */
  const window = async (work: () => Promise<unknown>) => {
    const [before, sinceMs] = [finished, performance.now()];
    const underWay: Promise<unknown>[] = [];
    const timer = setInterval(() => {
      const due = ((performance.now() - sinceMs) / 1_000) * timesPerSecond;
      while (underWay.length < due) underWay.push(work());
    }, 1);
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, windowMs))]);
    const perSecond = ((finished - before) / (performance.now() - sinceMs)) * 1_000;
    clearInterval(timer);
    await Promise.all(underWay);
    return { perSecond, calls: underWay.length };
  };
  const nothing = async () => undefined;

  await window(beside);
  for (let spentMs = 0; spentMs < options.warmUpMs; spentMs += windowMs) await window(nothing);
  const pairs: { alone: number; beside: number }[] = [];
  let calls = 0;
  for (let pair = 0; pair < options.pairs && !over; pair++) {
    const isFirst = pair % 2 === 0;
    const first = await window(isFirst ? nothing : beside);
    const second = await window(isFirst ? beside : nothing);
    const [alone, accompanied] = isFirst ? [first, second] : [second, first];
    pairs.push({ alone: alone.perSecond, beside: accompanied.perSecond });
    calls += accompanied.calls;
  }
  over = true;
  await all;
  return { pairs, probesPerSecond: (calls / (options.pairs * windowMs)) * 1_000 };
}
