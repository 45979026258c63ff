import { setTimeout as pause } from "node:timers/promises";

/** When the request of this index is to start, in milliseconds after the first. */
export function intendedStartMs(index: number, ratePerSecond: number): number {
  return (index * 1_000) / ratePerSecond;
}

export interface OpenLoop {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /**
   * Starts a request and does not wait for it.
   *
   * @param intendedAtMs when it should have started, on `performance.now()`: its latency counts from there.
   */
  readonly fire: (index: number, intendedAtMs: number) => void;
  readonly aborted?: AbortSignal;
}

/**
 * Starts requests at a fixed rate, whatever becomes of them: people do not wait for each other, and a generator that
 * waits for a slow server asks it less just then and hides the slowness (coordinated omission; Gil Tene, "How NOT to
 * Measure Latency"). A generator that falls behind makes up for it at once.
 *
 * @returns when the last one has started.
 */
export async function openLoop({ ratePerSecond, durationMs, fire, aborted }: OpenLoop): Promise<void> {
  const count = Math.floor((ratePerSecond * durationMs) / 1_000);
  const startedAtMs = performance.now();
  for (let index = 0; index < count; ) {
    const dueAtMs = startedAtMs + intendedStartMs(index, ratePerSecond);
    const earlyMs = dueAtMs - performance.now();
    if (aborted?.aborted) return;
    if (earlyMs > 0) await pause(earlyMs);
    else fire(index++, dueAtMs);
  }
}
