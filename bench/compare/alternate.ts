import type { Operation } from "../clients/client.ts";
import { CALLERS } from "./throughput.ts";

interface Pair {
  /** Operations a second, without and with what runs beside them. */
  readonly alone: number;
  readonly beside: number;
}

const nothing = async (): Promise<unknown> => undefined;

/**
 * A closed loop of operations, in windows with and without something beside it. The two of a pair are neighbours, and
 * take turns in being first, so that neither a drift nor the order tells. The timer that calls it runs in both: waking
 * every millisecond costs more than what it measures.
 */
export async function alternate(options: {
  readonly operation: Operation;
  readonly beside: () => Promise<unknown>;
  readonly timesPerSecond: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly pairs: number;
}): Promise<{ pairs: Pair[]; probesPerSecond: number }> {
  let over = false;
  let finished = 0;
  let sequence = 0;
  const call = async () => {
    while (!over) {
      await options.operation(sequence++);
      finished++;
    }
  };
  const all = Promise.all(Array.from({ length: CALLERS }, call)).finally(() => {
    over = true;
  });

  const window = async (work = nothing) => {
    const metronome = startMetronome(work, options.timesPerSecond);
    const [before, sinceMs] = [finished, performance.now()];
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, options.windowMs))]);
    const perSecond = ((finished - before) / (performance.now() - sinceMs)) * 1_000;
    return { perSecond, beats: await metronome.stop() };
  };

  await window(options.beside);
  for (let spentMs = 0; spentMs < options.warmUpMs; spentMs += options.windowMs) await window();
  const pairs: Pair[] = [];
  let beats = 0;
  for (let pair = 0; pair < options.pairs && !over; pair++) {
    const first = await window(pair % 2 === 0 ? undefined : options.beside);
    const second = await window(pair % 2 === 0 ? options.beside : undefined);
    const [alone, beside] = pair % 2 === 0 ? [first, second] : [second, first];
    pairs.push({ alone: alone.perSecond, beside: beside.perSecond });
    beats += beside.beats;
  }
  over = true;
  await all;
  return { pairs, probesPerSecond: (beats / (options.pairs * options.windowMs)) * 1_000 };
}

/** Calls `work` so many times a second, and catches up where the process was too busy to be on time. */
function startMetronome(work: () => Promise<unknown>, timesPerSecond: number): { stop(): Promise<number> } {
  const sinceMs = performance.now();
  const underWay: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    const due = ((performance.now() - sinceMs) / 1_000) * timesPerSecond;
    while (underWay.length < due) underWay.push(work());
  }, 1);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      return underWay.length;
    },
  };
}
