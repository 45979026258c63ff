import type { CallSite } from "../telemetry/call-site.ts";

/** Is told when the connection came back. */
interface Watch {
  end(): void;
}

/** One borrow of a connection, from hand-out to return. */
export class Checkout {
  readonly client: object;
  /** Whether the borrower may change the session: then it is reset before the connection's next use. */
  readonly raw: boolean;
  /** Where the borrower asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  /** How long the borrower has waited, in milliseconds. */
  readonly waitedMs: number;
  /** When it was lent, on the clock of `performance.now()`. */
  readonly startedAtMs: number;
  /** Callers in this borrower's context who wait for another connection of the same pool. */
  waiting = 0;
  /** Taken off when a checkout scope knows of this borrow. */
  forget: (() => void) | undefined;
  leakWatch: Watch | undefined;
  previous: Checkout | undefined;
  next: Checkout | undefined;
  isQueued = false;

  constructor(
    client: object,
    raw: boolean,
    callSite: CallSite | undefined,
    waitedMs: number,
    startedAtMs: number,
  ) {
    this.client = client;
    this.raw = raw;
    this.callSite = callSite;
    this.waitedMs = waitedMs;
    this.startedAtMs = startedAtMs;
  }

  get heldMs(): number {
    return performance.now() - this.startedAtMs;
  }
}
