/** The longest delay `setTimeout` knows; a longer one fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** A caller's limit as `setTimeout` takes it: one that is longer, or has no end, is 24 days. */
export function timerMs(limitMs: number): number {
  return Math.min(limitMs, MAX_TIMER_MS);
}

/** A timer that fires later than this was held up by a blocked event loop, in milliseconds. */
export const LATE_MS = 20;
/** How long whoever waits is given then for what has arrived meanwhile to be read, which comes after the timers. */
export const GRACE_MS = 100;
