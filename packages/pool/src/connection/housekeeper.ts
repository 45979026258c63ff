/**
 * One timer for all that comes due while connections are idle. It is armed for the earliest moment and armed again when it
 * has fired, so that handing out and taking back touch no timer.
 */
export class Housekeeper {
  readonly #run: () => number;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = 0;
  #stopped = false;

  /** @param run does what is due, and returns in how many milliseconds the next comes due; Infinity for never. */
  constructor(run: () => number) {
    this.#run = run;
  }

  /** Something has become idle. @param nowMs on the clock of `performance.now()`. */
  arm(dueInMs: number, nowMs = performance.now()): void {
    if (this.#stopped || dueInMs === Number.POSITIVE_INFINITY) return;
    const dueAtMs = nowMs + dueInMs;
    // What comes due earlier than all before it would be swept away together with them.
    if (this.#timer !== undefined && dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    const fire = () => {
      this.#timer = undefined;
      this.arm(this.#run());
    };
    // At least a millisecond more than asked: Node's timers may fire a fraction early, and nothing would be due.
    this.#timer = setTimeout(fire, Math.max(1, Math.ceil(dueInMs) + 1)).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
