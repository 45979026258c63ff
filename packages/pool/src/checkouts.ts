import type pg from "pg";
import type { CallSite } from "./call-site.ts";
import { Checkout } from "./checkout.ts";
import { Client } from "./client.ts";
import { heldOf } from "./holding.ts";
import { type LeakReport, type LeakWatch, watchForLeak } from "./leaks.ts";
import type { PooledConnection } from "./pooled-connection.ts";
import type { Waiter } from "./waiting-line.ts";

interface Hooks {
  leakThresholdMs(): number;
  onLeak(report: LeakReport): void;
  onLeakReturned(report: LeakReport): void;
  /** The borrower is about to be told. */
  onLent(client: pg.PoolClient, checkout: Checkout): void;
  /** A connection came back, with what its borrower said of it. */
  onReturned(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void;
}

const NONE: readonly never[] = [];

/** Who holds which connection. */
export class Checkouts {
  readonly #byClient = new Map<object, Checkout>();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#byClient.size;
  }

  [Symbol.iterator](): Iterator<Checkout> {
    return this.#byClient.values();
  }

  /** The borrows of `pool`'s connections in whose context the running code asks for another one. */
  heldOf(pool: object): readonly Checkout[] {
    const clients = heldOf(pool);
    if (clients.length === 0) return NONE;
    return clients.map((client) => this.#byClient.get(client)).filter((checkout) => checkout !== undefined);
  }

  lend(connection: PooledConnection, waiter: Waiter): void {
    const { client } = connection;
    const { raw, sinceMs, callSite, scope } = waiter;
    const startedAtMs = performance.now();
    const waitedMs = startedAtMs - sinceMs;
    const checkout = new Checkout({ raw, waitedMs, startedAtMs, callSite, leakWatch: this.#watch(callSite) });
    connection.busy = true;
    this.#byClient.set(client, checkout);
    if (client instanceof Client) client.borrower = checkout;
    client.release = (error) => this.#takeBack(connection, checkout, error);
    if (scope !== undefined) {
      checkout.forget = scope.add({ release: () => client.release(true), callSite });
    }
    this.#hooks.onLent(client, checkout);
    waiter.settle(undefined, client);
  }

  #watch(callSite: CallSite | undefined): LeakWatch | undefined {
    const { leakThresholdMs, onLeak, onLeakReturned } = this.#hooks;
    const thresholdMs = leakThresholdMs();
    if (thresholdMs === 0) return undefined;
    return watchForLeak(thresholdMs, callSite, { onLeak, onReturn: onLeakReturned });
  }

  #takeBack(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void {
    checkout.end();
    const { client } = connection;
    this.#byClient.delete(client);
    if (client instanceof Client) client.borrower = undefined;
    connection.uses++;
    this.#hooks.onReturned(connection, checkout, error);
  }
}
