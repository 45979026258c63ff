import type pg from "pg";
import type { ResolvedPoolOptions } from "../config/options.ts";
import { Connections } from "../connection/connection-set.ts";
import type { PooledConnection } from "../connection/pooled-connection.ts";
import { classifyError } from "../errors/classify.ts";
import type { RemovalReason } from "../telemetry/stats.ts";
import { type ConnectFailure, Growth } from "./connector.ts";
import { Pace } from "./throughput.ts";

const CRASH_SHUTDOWN = "57P02";
const CANNOT_CONNECT_NOW = "57P03";

export interface SupplyHooks {
  config(): ResolvedPoolOptions;
  /** Callers in the queue. */
  waiting(): number;
  /** Callers who were served, ever. */
  served(): number;
  /** A connection is free. @returns whether somebody took it. */
  onFree(connection: PooledConnection): boolean;
  /** There is more room than before, or less supply. */
  onChange(): void;
  onConnect(): void;
  onOpened(client: pg.PoolClient, tookMs: number): void;
  onRemoved(reason: RemovalReason): void;
  /** Its socket is closed. */
  onClosed(client: pg.PoolClient): void;
  /** An idle connection was lost. */
  onLost(client: pg.PoolClient, error: Error): void;
  onConnectFailure(error: Error): void;
  /** Connecting failed for good, and no connection is left. @returns whether somebody was told, who waits no longer. */
  onHopeless(error: Error): boolean;
  /** Every connection is being replaced. */
  onRetired(generation: number): void;
}

/**
 * As many connections as are needed, and what one that fails says of the others: when the server went away all are
 * replaced, when a single one was lost the others are tested before their next use.
 */
export class Supply {
  readonly connections: Connections;
  readonly #growth: Growth;
  readonly #pace: Pace;
  readonly #hooks: SupplyHooks;
  /** How long the last connect took, in milliseconds. */
  #connectMs = 1;
  #keepsMinimum = false;
  #stopped = false;
  /** Told at the next connect, whether it succeeds or fails. */
  #onConnectSettled: (() => void)[] = [];

  constructor(clientOptions: object, hooks: SupplyHooks) {
    this.#hooks = hooks;
    this.connections = new Connections(clientOptions, {
      config: hooks.config,
      onFree: hooks.onFree,
      onChange: hooks.onChange,
      onOpened: (client, tookMs) => {
        this.#connectMs = Math.max(1, tookMs);
        this.#connectSettled();
        hooks.onOpened(client, tookMs);
      },
      onRemoved: hooks.onRemoved,
      onClosed: hooks.onClosed,
      onLost: (client, error) => this.#lost(client, error),
    });
    this.#pace = new Pace({
      served: hooks.served,
      connectMs: () => this.#connectMs,
      onWindow: () => this.grow(),
    });
    this.#growth = new Growth({
      wanted: () => this.#wanted(),
      room: () => hooks.config().max - this.totalCount - this.connections.closingBusy,
      demanded: () => hooks.waiting() > 0,
      connect: () => {
        hooks.onConnect();
        return this.connections.open();
      },
      classify: classifyError,
      onFailure: (error) => this.#connectFailed(error),
      onPermanentFailure: (error) => this.connections.size === 0 && hooks.onHopeless(error),
    });
  }

  /** Connections that are open or being opened. */
  get totalCount(): number {
    return this.connections.size + this.#growth.connecting;
  }

  get connecting(): number {
    return this.#growth.connecting;
  }

  /** Of the last attempt to connect, if that has failed. */
  get lastFailure(): ConnectFailure | undefined {
    return this.#growth.lastFailure;
  }

  /** Opens what is missing. Call it whenever demand or room has changed. */
  grow(): void {
    this.#growth.pump();
  }

  /** Opens `min` connections, and from now on replaces those that are lost. @throws what connecting has thrown. */
  async warmUp(): Promise<void> {
    this.#keepsMinimum = true;
    this.grow();
    while (!this.#stopped && this.connections.size < this.#hooks.config().min) {
      await new Promise<void>((resolve) => this.#onConnectSettled.push(resolve));
      const failure = this.lastFailure;
      if (failure !== undefined) throw failure.error;
    }
  }

  /** Keeps nothing for later: replaces what is lost no longer, and closes what nobody waits for, now or when it comes back. */
  windDown(): void {
    this.#keepsMinimum = false;
    this.connections.keepNoneIdle();
  }

  /** Opens no more, closes all, and resolves when the sockets are closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#growth.stop();
    this.#pace.rest();
    this.#connectSettled();
    await this.connections.closeAll();
  }

  /** Replaces every connection, softly: idle ones now, others when they come back. */
  retireAll(): void {
    this.connections.retireAll();
    this.#hooks.onRetired(this.connections.generation);
  }

  /** How many connections there should be, above those that there are. */
  #wanted(): number {
    const { size, idleCount, preparing } = this.connections;
    const missing = this.#keepsMinimum ? this.#hooks.config().min - size : 0;
    const unserved = this.#hooks.waiting() - idleCount - preparing;
    if (unserved <= 0) this.#pace.rest();
    const spared = unserved > 0 && size > 0 ? this.#pace.spared() : 0;
    return Math.max(Math.ceil(unserved - spared), missing);
  }

  #lost(client: pg.PoolClient, error: Error): void {
    if (classifyError(error).sqlstate === CRASH_SHUTDOWN) this.retireAll();
    else this.connections.suspectAll();
    this.#hooks.onLost(client, error);
  }

  #connectFailed(error: Error): void {
    this.#hooks.onConnectFailure(error);
    this.#connectSettled();
    // A server that is starting up has lost every connection it had.
    if (classifyError(error).sqlstate === CANNOT_CONNECT_NOW && this.connections.size > 0) this.retireAll();
    else this.connections.suspectAll();
  }

  #connectSettled(): void {
    for (const tell of this.#onConnectSettled.splice(0)) tell();
  }
}
