import { NestedAcquireError } from "../errors/errors.ts";
import { CallSite } from "../telemetry/call-site.ts";

/** What it takes to tell whether a checkout will ever end. */
interface Checkout {
  /** Callers in the holder's context who wait for another connection of the same pool. */
  readonly waiting: number;
}

/**
 * Refuses the caller who would be the last of those that hold every connection and wait for another one.
 *
 * @param held the checkouts in whose context the caller asks.
 */
export function deadlock(
  held: readonly Checkout[],
  checkouts: Iterable<Checkout> & { readonly size: number },
  max: number,
): NestedAcquireError | undefined {
  if (held.length === 0 || checkouts.size < max) return undefined;
  for (const checkout of checkouts) {
    if (checkout.waiting === 0 && !held.includes(checkout)) return undefined;
  }
  return new NestedAcquireError(
    "every connection is held by code that waits for another one: nobody would ever be served. " +
      "Inside a transaction use its own handle, not `db`",
  );
}

/** Tells, in development and once per call site, of code that asks for a connection while it holds one. */
export class NestedAcquireWatch {
  readonly #callSites = new Set<string>();
  readonly #tell: (callSite: string) => void;

  constructor(tell: (callSite: string) => void) {
    this.#tell = tell;
  }

  notice(): void {
    if (process.env.NODE_ENV !== "development") return;
    const callSite = String(new CallSite());
    if (this.#callSites.has(callSite)) return;
    this.#callSites.add(callSite);
    this.#tell(callSite);
  }
}
