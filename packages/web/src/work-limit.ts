/** As many do this already as may, and as many wait. */
export class TooBusyError extends Error {
  readonly code = "TOO_BUSY";

  constructor() {
    super("too many do this at once; nothing was begun");
    this.name = "TooBusyError";
  }
}

/** By its code: a bundler may have made a copy of the class. */
export const isTooBusy = (error: unknown): boolean =>
  error instanceof Error && Reflect.get(error, "code") === "TOO_BUSY";

/** Lets so many do something at once, and so many wait, first come first served. The next is refused at once. */
export class WorkLimit {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /** @throws {TooBusyError} `work` was not begun. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #turn(): Promise<void> | undefined {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return undefined;
    }
    if (this.#waiting.length >= this.#maxWaiting) throw new TooBusyError();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** A turn that is handed on stays counted, so that no newcomer comes in between. */
  #passOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
