/**
 * A moment on both clocks, which moves on. Its numbers are overwritten, because a moment is taken at every hand-out and
 * return.
 */
export class LastSeen {
  /** On the clock of `performance.now()`. */
  monotonicMs = performance.now();
  wallMs = Date.now();

  set(monotonicMs: number, wallMs: number): void {
    this.monotonicMs = monotonicMs;
    this.wallMs = wallMs;
  }

  /**
   * How long it is from here to another moment, in milliseconds. The larger of two clocks: `performance.now()` stands still
   * while a laptop sleeps or a function is frozen, the wall clock does not; the wall clock may be set back, the other cannot.
   */
  msUntil(monotonicMs: number, wallMs: number): number {
    return Math.max(monotonicMs - this.monotonicMs, wallMs - this.wallMs);
  }
}
