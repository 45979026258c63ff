import { LastSeen } from "./last-seen.ts";

/** After this long without a sign of the event loop it may have stood still, in milliseconds. */
const STALLED_AFTER_MS = 10;

/**
 * Knows whether the event loop has read what has arrived. After a process stood still, callers and timers come first, and the
 * news that a connection was closed meanwhile is read after them.
 */
export class LoopWatch {
  readonly #lastTurn = new LastSeen();
  readonly #onCaughtUp: () => void;
  #isCatchingUp = false;
  #whenCaughtUp: (() => void)[] = [];

  /** @param onCaughtUp is called when everything has been read that had arrived when it was said that it was not. */
  constructor(onCaughtUp: () => void) {
    this.#onCaughtUp = onCaughtUp;
  }

  /** Whether nothing can have arrived that is not read yet. @param nowMs on the clock of `performance.now()`. */
  isCurrent(nowMs: number, wallMs: number): boolean {
    const isStalled = this.#lastTurn.msUntil(nowMs, wallMs) > STALLED_AFTER_MS;
    this.#lastTurn.set(nowMs, wallMs);
    if (isStalled && !this.#isCatchingUp) this.#catchUp();
    return !this.#isCatchingUp;
  }

  /** Resolves when everything has been read that had arrived, and who was to be told has been. */
  caughtUp(): Promise<void> {
    if (!this.#isCatchingUp) return Promise.resolve();
    return new Promise((resolve) => this.#whenCaughtUp.push(resolve));
  }

  /** Between two immediates the loop polls once, and reads all that is there. */
  #catchUp(): void {
    this.#isCatchingUp = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#isCatchingUp = false;
        this.#lastTurn.set(performance.now(), Date.now());
        this.#onCaughtUp();
        for (const tell of this.#whenCaughtUp.splice(0)) tell();
      }),
    );
  }
}
