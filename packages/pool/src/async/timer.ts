/** The longest delay `setTimeout` knows; a longer one fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** A caller's limit as `setTimeout` takes it: one that is longer, or has no end, is 24 days. */
export function timerMs(limitMs: number): number {
  return Math.min(limitMs, MAX_TIMER_MS);
}
