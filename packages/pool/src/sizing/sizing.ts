import type pg from "pg";
import type { ResolvedPoolOptions } from "../config/options.ts";
import { ConnectionSet } from "../connection/connection-set.ts";
import type { PooledConnection } from "../connection/pooled-connection.ts";
import { classifyError } from "../errors/classify.ts";
import type { RemovalReason } from "../telemetry/stats.ts";
import { connectionsToOpen, type SizingState, unservedCallers } from "./connections-to-open.ts";
import { type ConnectFailure, Connector } from "./connector.ts";
import { ThroughputEstimate } from "./throughput.ts";

const CRASH_SHUTDOWN = "57P02";
const CANNOT_CONNECT_NOW = "57P03";

export interface PoolSizerHooks {
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
  onConnectImpossible(error: Error): boolean;
  /** Every connection is being replaced. */
  onRetired(generation: number): void;
}

/**
 * As many connections as are needed, and what one that fails says of the others: when the server went away all are
 * replaced, when a single one was lost the others are tested before their next use.
 */
export class PoolSizer {
  readonly connections: ConnectionSet;
  readonly #connector: Connector;
  readonly #throughput: ThroughputEstimate;
  readonly #hooks: PoolSizerHooks;
  /** How long the last connect took, in milliseconds. */
  #connectMs = 1;
  #keepsMinimum = false;
  #stopped = false;
  /** Told at the next connect, whether it succeeds or fails. */
  #onConnectSettled: (() => void)[] = [];

  constructor(clientOptions: object, hooks: PoolSizerHooks) {
    this.#hooks = hooks;
    this.connections = new ConnectionSet(clientOptions, {
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
    this.#throughput = new ThroughputEstimate({
      served: hooks.served,
      connectMs: () => this.#connectMs,
      onSample: () => this.grow(),
    });
    this.#connector = new Connector({
      toOpen: (connecting, hasFailed) => connectionsToOpen(this.#state(connecting, hasFailed)).count,
      hasWaiters: () => hooks.waiting() > 0,
      connect: () => {
        hooks.onConnect();
        return this.connections.open();
      },
      classify: classifyError,
      onFailure: (error) => this.#connectFailed(error),
      onPermanentFailure: (error) => this.connections.size === 0 && hooks.onConnectImpossible(error),
    });
  }

  /** Connections that are open or being opened. */
  get totalCount(): number {
    return this.connections.size + this.#connector.connecting;
  }

  get connecting(): number {
    return this.#connector.connecting;
  }

  /** Of the last attempt to connect, if that has failed. */
  get lastFailure(): ConnectFailure | undefined {
    return this.#connector.lastFailure;
  }

  /** Opens what is missing. Call it whenever demand or room has changed. */
  grow(): void {
    this.#connector.fill();
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
  beginShutdown(): void {
    this.#keepsMinimum = false;
    this.connections.keepNoneIdle();
  }

  /** Opens no more, closes all, and resolves when the sockets are closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#connector.stop();
    this.#throughput.reset();
    this.#connectSettled();
    await this.connections.closeAll();
  }

  /** Replaces every connection, softly: idle ones now, others when they come back. */
  retireAll(): void {
    this.connections.retireAll();
    this.#hooks.onRetired(this.connections.generation);
  }

  #state(connecting: number, hasFailed: boolean): SizingState {
    const { size: open, idleCount: idle, preparingCount: preparing } = this.connections;
    const { min, max } = this.#hooks.config();
    const state = {
      waiting: this.#hooks.waiting(),
      servedMeanwhile: 0,
      open,
      idle,
      preparing,
      connecting,
      cancelling: this.connections.cancellingCount,
      min: this.#keepsMinimum ? min : 0,
      max,
      hasFailed,
    };
    const unserved = unservedCallers(state);
    if (unserved <= 0) this.#throughput.reset();
    if (unserved > 0 && open > 0) state.servedMeanwhile = this.#throughput.servedMeanwhile();
    return state;
  }

  #lost(client: pg.PoolClient, error: Error): void {
    if (classifyError(error).sqlstate === CRASH_SHUTDOWN) this.retireAll();
    else this.connections.pingAllBeforeUse();
    this.#hooks.onLost(client, error);
  }

  #connectFailed(error: Error): void {
    this.#hooks.onConnectFailure(error);
    this.#connectSettled();
    // A server that is starting up has lost every connection it had.
    if (classifyError(error).sqlstate === CANNOT_CONNECT_NOW && this.connections.size > 0) this.retireAll();
    else this.connections.pingAllBeforeUse();
  }

  #connectSettled(): void {
    for (const tell of this.#onConnectSettled.splice(0)) tell();
  }
}
