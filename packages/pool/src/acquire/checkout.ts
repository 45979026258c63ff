import type { CallSite } from "../telemetry/call-site.ts";
import type { RouteTally } from "../telemetry/route-tally.ts";
import type { Caller } from "./request.ts";

/** Is told when the connection came back. */
interface Watch {
  end(): void;
}

/** One use of a connection, from checkout to release. */
export class Checkout {
  readonly client: object;
  /** Whether the holder has the client in hand. */
  readonly hasClient: boolean;
  /** Where the holder asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  readonly route: RouteTally | undefined;
  /** How long the holder has waited, in milliseconds. */
  readonly waitedMs: number;
  /** When it began, on the clock of `performance.now()`. */
  readonly startedAtMs: number;
  /** Callers in this holder's context who wait for another connection of the same pool. */
  waiting = 0;
  /** Taken off when a checkout scope knows of this checkout. */
  forget: (() => void) | undefined;
  leakWatch: Watch | undefined;
  previous: Checkout | undefined;
  next: Checkout | undefined;
  isQueued = false;

  constructor(client: object, { hasClient, callSite, route }: Caller, waitedMs: number, startedAtMs: number) {
    this.client = client;
    this.hasClient = hasClient;
    this.callSite = callSite;
    this.route = route;
    this.waitedMs = waitedMs;
    this.startedAtMs = startedAtMs;
  }

  get heldMs(): number {
    return performance.now() - this.startedAtMs;
  }
}
