/** How much is done in one turn of the event loop. */
const SLICE = 200;
/** Until then what had arrived is read, and what came free by it is lent: after a stall that waits for two turns. */
const TURNS_BEFORE = 3;

/**
 * Does small things a slice at a time, in order: of a crowd whose time runs out at once, everybody is told soon, and the
 * loop is not held up meanwhile.
 */
export class BatchedCallbacks {
  readonly #due: (() => void)[] = [];

  /** Does `work`, which throws nothing, a few turns of the event loop later. */
  push(work: () => void): void {
    if (this.#due.push(work) === 1) this.#start(TURNS_BEFORE);
  }

  #start(turns: number): void {
    setImmediate(() => (turns > 1 ? this.#start(turns - 1) : this.#run()));
  }

  #run(): void {
    const slice = this.#due.splice(0, SLICE);
    if (this.#due.length > 0) setImmediate(() => this.#run());
    for (const work of slice) work();
  }
}
