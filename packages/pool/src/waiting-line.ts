import type pg from "pg";
import { CallSite } from "./call-site.ts";
import type { Checkout } from "./checkout.ts";
import { type CheckoutScope, currentCheckoutScope } from "./checkout-scope.ts";
import { Slices } from "./slices.ts";
import { WaiterQueue } from "./waiters.ts";

/** What a caller wants, beside a connection. */
export interface AcquireRequest {
  /** Whether the caller gets the client in hand and may change its session: then it is reset afterwards. */
  readonly raw: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Where the caller asks, if it was taken before: where the request is made, the stack may not lead there. */
  readonly callSite?: CallSite | undefined;
}

/** Called once, with the connection or with the reason why there is none. */
export type Settle = (error: Error | undefined, client: pg.PoolClient | undefined) => void;

/** A caller in the queue. */
export interface Waiter {
  readonly raw: boolean;
  readonly sinceMs: number;
  /** Where the caller asked, if somebody wants to know. */
  readonly callSite: CallSite | undefined;
  readonly scope: CheckoutScope | undefined;
  readonly settle: Settle;
}

/** How a caller left the queue without a connection. */
export type Outcome = "timeouts" | "canceled";

interface Hooks {
  timeoutError(timeoutMs: number): Error;
  onLeave(outcome: Outcome, waitedMs: number): void;
}

/**
 * The callers who wait, first come, first served. They wait for any connection, not for one of their own. A caller leaves
 * by being served, at the deadline, or when the signal aborts; whichever is first takes the caller out of the queue, so
 * nobody is handed a connection after having given up.
 */
export class WaitingLine {
  readonly #queue = new WaiterQueue<Waiter>();
  readonly #expired = new Slices();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** @param held the borrows in whose context the caller asks, which wait along. */
  join(
    request: AcquireRequest & { timeoutMs: number; wantsCallSite: boolean },
    held: readonly Checkout[],
    settle: Settle,
  ) {
    const { raw, signal, timeoutMs, wantsCallSite, callSite } = request;
    const sinceMs = performance.now();
    const scope = currentCheckoutScope();
    const waiter: Waiter = {
      raw,
      sinceMs,
      scope,
      callSite: callSite ?? (wantsCallSite || scope !== undefined ? new CallSite() : undefined),
      settle: (error, client) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        for (const checkout of held) checkout.waiting--;
        settle(error, client);
      },
    };
    for (const checkout of held) checkout.waiting++;
    const place = this.#queue.enqueue(waiter);
    const tell = (outcome: Outcome, error: Error) => {
      this.#hooks.onLeave(outcome, performance.now() - sinceMs);
      waiter.settle(error, undefined);
    };
    const onAbort = () => {
      if (place.leave()) tell("canceled", reasonOf(signal));
    };
    const onTimeout = () => {
      if (place.leave()) this.#expired.push(() => tell("timeouts", this.#hooks.timeoutError(timeoutMs)));
    };
    const timer = setTimeout(onTimeout, timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  }

  next(): Waiter | undefined {
    return this.#queue.dequeue();
  }

  rejectAll(error: Error): void {
    for (let waiter = this.next(); waiter !== undefined; waiter = this.next())
      waiter.settle(error, undefined);
  }
}

/** Why a signal was aborted, as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("the caller gave up", { cause: reason });
}
