const FIRST_MS = 250;
const LONGEST_MS = 30_000;
/** A process that has served for so long did not end because of how it was started. */
const WELL_AFTER_MS = 60_000;

/** How long to wait before a process that ends by itself is started again: longer each time, and from the beginning once it was well. */
export class RestartDelay {
  #failures = 0;

  /**
   * @param livedMs how long the process has run, in milliseconds.
   * @returns milliseconds: 250 at first, then twice as long each time, 30,000 at most.
   */
  next(livedMs: number): number {
    if (livedMs >= WELL_AFTER_MS) this.#failures = 0;
    return Math.min(FIRST_MS * 2 ** this.#failures++, LONGEST_MS);
  }
}
