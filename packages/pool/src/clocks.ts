import { performance } from "node:perf_hooks";

/** A moment on both clocks. */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

/**
 * How long ago a moment was, in milliseconds. The larger of two clocks: `performance.now()` stands still while a laptop
 * sleeps or a function is frozen, the wall clock does not; the wall clock may be set back, the other cannot.
 *
 * @param at the moment it is now.
 */
export function msSince({ monotonicMs, wallMs }: Moment, at: Moment = now()): number {
  return Math.max(at.monotonicMs - monotonicMs, at.wallMs - wallMs);
}
