/** How much is done in one turn of the event loop. */
const SLICE = 200;

/**
 * Does small things a slice at a time, in order: of a crowd whose time runs out at once, everybody is told soon, and the
 * loop is not held up meanwhile.
 */
export class BatchedCallbacks {
  readonly #due: (() => void)[] = [];

  /** Does `work` in a later turn of the event loop. */
  push(work: () => void): void {
    if (this.#due.push(work) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const slice = this.#due.splice(0, SLICE);
    if (this.#due.length > 0) setImmediate(() => this.#run());
    try {
      for (let work = slice.shift(); work !== undefined; work = slice.shift()) work();
    } finally {
      // Where one throws, the others are not forgotten.
      for (const work of slice) this.push(work);
    }
  }
}
