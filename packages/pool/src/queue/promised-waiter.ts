import { type Limits, Waiter, type WaitQueue } from "./wait-queue.ts";

/** A waiter who awaits a promise. */
export class PromisedWaiter<T> extends Waiter<PromisedWaiter<T>> {
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: Error) => void;

  constructor(limits: Limits, resolve: (value: T) => void, reject: (error: Error) => void) {
    super(limits);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(value: T): void {
    this.#resolve(value);
  }

  reject(error: Error): void {
    this.#reject(error);
  }
}

/**
 * Waits until the caller is taken out of the queue and resolved.
 *
 * @param serve may do so at once: such a caller needs no timer.
 * @throws what the queue makes of a caller who gave up.
 */
export function waitIn<T>(
  queue: WaitQueue<PromisedWaiter<T>>,
  limits: Limits,
  serve?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter = new PromisedWaiter(limits, resolve, reject);
    queue.join(waiter);
    serve?.();
    queue.startClock(waiter);
  });
}
