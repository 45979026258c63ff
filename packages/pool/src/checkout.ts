import type { CallSite } from "./call-site.ts";

/** Is told when the connection came back. */
interface Watch {
  end(): void;
}

export interface CheckoutOptions {
  /** Whether the borrower may change the session: then it is reset before the connection's next use. */
  readonly raw: boolean;
  /** How long the borrower has waited, in milliseconds. */
  readonly waitedMs: number;
  /** When it was lent, on the clock of `performance.now()`. */
  readonly startedAtMs: number;
  /** Where the borrower asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  readonly leakWatch: Watch | undefined;
}

/** One borrow of a connection, from hand-out to return. */
export class Checkout {
  readonly raw: boolean;
  readonly callSite: CallSite | undefined;
  readonly waitedMs: number;
  readonly startedAtMs: number;
  /** Callers in this borrower's context who wait for another connection of the same pool. */
  waiting = 0;
  /** Taken off when a checkout scope knows of this borrow. */
  forget: (() => void) | undefined;
  #returned = false;
  readonly #leakWatch: Watch | undefined;

  constructor({ raw, waitedMs, startedAtMs, callSite, leakWatch }: CheckoutOptions) {
    this.raw = raw;
    this.callSite = callSite;
    this.waitedMs = waitedMs;
    this.startedAtMs = startedAtMs;
    this.#leakWatch = leakWatch;
  }

  get heldMs(): number {
    return performance.now() - this.startedAtMs;
  }

  /** @throws {Error} it was returned before; pg-pool's text. */
  end(): void {
    if (this.#returned) {
      throw new Error("Release called on client which has already been released to the pool.");
    }
    this.#returned = true;
    this.forget?.();
    this.#leakWatch?.end();
  }
}
