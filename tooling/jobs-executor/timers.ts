/** Longer than this, `setTimeout` fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Timers that are dropped together. What waits for a dropped one never goes on. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();
  readonly #hurry: number;

  /** @param hurry how many times faster than the clock they are. */
  constructor(hurry: number) {
    this.#hurry = hurry;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.set(ms, resolve));
  }

  /** @returns a function that drops the timer. */
  set(ms: number, work: () => void): () => void {
    const timer = setTimeout(
      () => {
        this.#running.delete(timer);
        work();
      },
      Math.min(LONGEST_MS, ms / this.#hurry),
    );
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  drop(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
