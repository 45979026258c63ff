import type pg from "pg";
import type { PooledConnection } from "../connection/pooled-connection.ts";
import { Client } from "../query/client.ts";
import { LinkedQueue } from "../queue/linked-queue.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import { Checkout } from "./checkout.ts";
import { connectionsHeldBy } from "./held-connections.ts";
import { type LeakReport, type LeakWatch, watchForLeak } from "./leak-detection.ts";
import type { Caller } from "./request.ts";

interface Hooks {
  leakThresholdMs(): number;
  onLeak(report: LeakReport): void;
  onLeakReturned(report: LeakReport): void;
  /** The caller is about to be told. */
  onCheckedOut(checkout: Checkout): void;
  /** A connection came back, with what its holder said of it. */
  onReleased(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void;
}

const NONE: readonly never[] = [];

/** Who holds which connection. */
export class Checkouts {
  /** The oldest is the first. A list, as no key is looked up but where a transaction asks for a second connection. */
  readonly #current = new LinkedQueue<Checkout>();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#current.size;
  }

  [Symbol.iterator](): Iterator<Checkout> {
    return this.#current[Symbol.iterator]();
  }

  /** The checkouts of `pool`'s connections in whose context the running code asks for another one. */
  heldBy(pool: object): readonly Checkout[] {
    const clients = connectionsHeldBy(pool);
    if (clients.length === 0) return NONE;
    return [...this.#current].filter(({ client }) => clients.includes(client));
  }

  /** @param waitedMs how long the caller has waited until the connection was looked at, in milliseconds. */
  checkOut(connection: PooledConnection, caller: Caller, waitedMs: number): pg.PoolClient {
    const { callSite, scope } = caller;
    const { client } = connection;
    const startedAtMs = connection.lastSeenAt.monotonicMs;
    const checkout = new Checkout(client, caller, waitedMs, startedAtMs);
    checkout.leakWatch = this.#watch(callSite);
    connection.isCheckedOut = true;
    this.#current.enqueue(checkout);
    if (client instanceof Client) client.holder = checkout;
    client.release = (error) => this.#release(connection, checkout, error);
    if (scope !== undefined) {
      checkout.forget = scope.add({ release: () => client.release(true), callSite });
    }
    this.#hooks.onCheckedOut(checkout);
    return client;
  }

  #watch(callSite: CallSite | undefined): LeakWatch | undefined {
    const { leakThresholdMs, onLeak, onLeakReturned } = this.#hooks;
    const thresholdMs = leakThresholdMs();
    if (thresholdMs === 0) return undefined;
    return watchForLeak(thresholdMs, callSite, { onLeak, onReturn: onLeakReturned });
  }

  /** @throws {Error} it was returned before; pg-pool's text. */
  #release(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void {
    if (!this.#current.leave(checkout)) {
      throw new Error("Release called on client which has already been released to the pool.");
    }
    checkout.forget?.();
    checkout.leakWatch?.end();
    const { client } = connection;
    if (client instanceof Client) client.holder = undefined;
    connection.uses++;
    this.#hooks.onReleased(connection, checkout, error);
  }
}
