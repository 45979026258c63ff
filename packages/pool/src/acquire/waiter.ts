import type pg from "pg";
import { callBack } from "../async/foreign-code.ts";
import type { PendingItem } from "../pg/pool-base.ts";
import { type Limits, Waiter } from "../queue/wait-queue.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import type { RouteTally } from "../telemetry/route-tally.ts";
import type { Checkout } from "./checkout.ts";
import type { CheckoutScope } from "./checkout-scope.ts";
import type { Caller } from "./request.ts";

/** pg-pool's callback: called once, with the connection and its release, or with the reason why there is none. */
type Settle = PendingItem["callback"];

/** A caller who waits for any connection of the pool, not for one of their own. */
export class AcquireWaiter extends Waiter<AcquireWaiter> implements Caller {
  readonly hasClient: boolean;
  readonly callSite: CallSite | undefined;
  readonly scope: CheckoutScope | undefined;
  readonly route: RouteTally | undefined;
  readonly #held: readonly Checkout[];
  readonly #settle: Settle;

  /** @param held the checkouts in whose context the caller asks, which wait along. */
  constructor(
    { hasClient, callSite, scope, route }: Caller,
    limits: Limits,
    held: readonly Checkout[],
    settle: Settle,
  ) {
    super(limits);
    this.hasClient = hasClient;
    this.callSite = callSite;
    this.scope = scope;
    this.route = route;
    this.#held = held;
    this.#settle = settle;
    for (const checkout of held) checkout.waiting++;
  }

  serve(client: pg.PoolClient): void {
    this.#stopHolders();
    callBack(() => this.#settle(undefined, client, client.release));
  }

  reject(error: Error): void {
    this.#stopHolders();
    callBack(() => this.#settle(error, undefined, noRelease));
  }

  #stopHolders(): void {
    for (const checkout of this.#held) checkout.waiting--;
  }
}

function noRelease(): void {}
