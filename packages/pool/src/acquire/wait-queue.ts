import type pg from "pg";
import { abortReason } from "../async/abort-reason.ts";
import type { PendingItem } from "../pg/pool-base.ts";
import { BatchedCallbacks } from "../queue/batches.ts";
import { LinkedQueue, type Queued } from "../queue/linked-queue.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import type { Checkout } from "./checkout.ts";
import type { CheckoutScope } from "./checkout-scope.ts";
import type { Caller } from "./request.ts";

/** pg-pool's callback: called once, with the connection and its release, or with the reason why there is none. */
export type Settle = PendingItem["callback"];

/** How a caller left the queue without a connection. */
export type Outcome = "timeouts" | "canceled";

interface Hooks {
  timeoutError(timeoutMs: number): Error;
  onLeave(outcome: Outcome, waitedMs: number): void;
}

/** A caller in the queue. */
export class Waiter implements Queued<Waiter>, Caller {
  readonly resetOnRelease: boolean;
  readonly callSite: CallSite | undefined;
  readonly scope: CheckoutScope | undefined;
  readonly sinceMs = performance.now();
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  isQueued = false;
  timer: NodeJS.Timeout | undefined;
  onAbort: (() => void) | undefined;
  readonly #held: readonly Checkout[];
  readonly #settle: Settle;

  constructor(
    { resetOnRelease, callSite, scope }: Caller,
    { timeoutMs, signal }: Limits,
    held: readonly Checkout[],
    settle: Settle,
  ) {
    this.resetOnRelease = resetOnRelease;
    this.callSite = callSite;
    this.scope = scope;
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.#held = held;
    this.#settle = settle;
    for (const checkout of held) checkout.waiting++;
  }

  /** Called once. */
  settle(error: Error | undefined, client: pg.PoolClient | undefined): void {
    clearTimeout(this.timer);
    if (this.onAbort !== undefined) this.signal?.removeEventListener("abort", this.onAbort);
    for (const checkout of this.#held) checkout.waiting--;
    this.#settle(error, client, client?.release ?? noRelease);
  }
}

function noRelease(): void {}

/** How long a caller waits. */
interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/**
 * The callers who wait, first come, first served. They wait for any connection, not for one of their own. A caller leaves
 * by being served, at the deadline, or when the signal aborts; whichever is first takes the caller out of the queue, so
 * nobody is handed a connection after having given up.
 */
export class WaitQueue {
  readonly #queue = new LinkedQueue<Waiter>();
  readonly #expired = new BatchedCallbacks();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#queue.size;
  }

  /**
   * The caller's time runs only from {@link startClock} on: one who is served in this turn of the event loop needs no timer.
   *
   * @param held the checkouts in whose context the caller asks, which wait along.
   */
  join(caller: Caller, limits: Limits, held: readonly Checkout[], settle: Settle): Waiter {
    const waiter = new Waiter(caller, limits, held, settle);
    this.#queue.enqueue(waiter);
    if (waiter.signal !== undefined) {
      waiter.onAbort = () => {
        if (this.#queue.leave(waiter)) this.#tell(waiter, "canceled", abortReason(waiter.signal));
      };
      waiter.signal.addEventListener("abort", waiter.onAbort, { once: true });
    }
    return waiter;
  }

  startClock(waiter: Waiter): void {
    if (waiter.isQueued) waiter.timer = setTimeout(this.#expire, waiter.timeoutMs, waiter);
  }

  next(): Waiter | undefined {
    return this.#queue.dequeue();
  }

  rejectAll(error: Error): void {
    for (let waiter = this.next(); waiter !== undefined; waiter = this.next())
      waiter.settle(error, undefined);
  }

  readonly #expire = (waiter: Waiter) => {
    if (!this.#queue.leave(waiter)) return;
    this.#expired.push(() => this.#tell(waiter, "timeouts", this.#hooks.timeoutError(waiter.timeoutMs)));
  };

  #tell(waiter: Waiter, outcome: Outcome, error: Error): void {
    this.#hooks.onLeave(outcome, performance.now() - waiter.sinceMs);
    waiter.settle(error, undefined);
  }
}
