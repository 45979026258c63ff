import { setTimeout as pause } from "node:timers/promises";
import type { PacedLoad } from "../loads.ts";

/** When the request of this index is to start, in milliseconds after the first. */
export function intendedStartMs(index: number, ratePerSecond: number): number {
  return (index * 1_000) / ratePerSecond;
}

/**
 * Starts requests at a fixed rate, whatever becomes of them: people do not wait for each other, and a generator that
 * waits for a slow server asks it less just then and hides the slowness (coordinated omission; Gil Tene, "How NOT to
 * Measure Latency"). A generator that falls behind makes up for it at once.
 *
 * @param fire starts a request; `intendedAtMs`, on `performance.now()`, is where its latency counts from.
 * @returns when all have ended.
 */
export async function openLoop(
  { ratePerSecond, durationMs }: Omit<PacedLoad, "kind">,
  fire: (index: number, intendedAtMs: number) => Promise<unknown>,
  aborted?: AbortSignal,
): Promise<void> {
  const count = Math.floor((ratePerSecond * durationMs) / 1_000);
  const startedAtMs = performance.now();
  const underWay: Promise<unknown>[] = [];
  for (let index = 0; index < count && !aborted?.aborted; ) {
    const dueAtMs = startedAtMs + intendedStartMs(index, ratePerSecond);
    const earlyMs = dueAtMs - performance.now();
    if (earlyMs > 0) await pause(earlyMs);
    else underWay.push(fire(index++, dueAtMs));
  }
  await Promise.all(underWay);
}
