/** How often the event loop is looked at, in milliseconds; a timer that is late by no more is an ordinary one. */
const EVERY_MS = 20;

/** Knows for how long the event loop stood still while it was watched. */
export class LoopDelay {
  readonly #timer: NodeJS.Timeout;
  #seenAtMs = performance.now();
  #totalMs = 0;
  #longestMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), EVERY_MS).unref();
  }

  /** Altogether, until now. */
  get totalMs(): number {
    this.#look();
    return this.#totalMs;
  }

  /** At a time. */
  get longestMs(): number {
    this.#look();
    return this.#longestMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    const delayMs = nowMs - this.#seenAtMs - EVERY_MS;
    this.#seenAtMs = nowMs;
    if (delayMs < EVERY_MS) return;
    this.#totalMs += delayMs;
    this.#longestMs = Math.max(this.#longestMs, delayMs);
  }
}
