import { inspect } from "node:util";
import pg from "pg";
import { callerPlace, currentCheckoutScope } from "./checkout-scope.ts";
import { Client } from "./client.ts";
import { type PoolOptions, type ResolvedPoolOptions, resolveConfig } from "./config.ts";
import { isReusable, isReusableNow } from "./connection-state.ts";
import { drainAndEnd } from "./drain.ts";
import { AcquireTimeoutError, PoolClosedError, PoolSaturatedError } from "./errors.ts";
import { redactError } from "./redact.ts";
import { type PoolStats, readStats } from "./stats.ts";
import { describeError, type Logger, silentLogger } from "./telemetry.ts";

/** How long `end()` lets statements finish when it is not told, in milliseconds. */
const END_TIMEOUT_MS = 10_000;

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/**
 * A `pg.Pool` that keeps its promises: it never takes the process down, passes a connection on only in a clean state,
 * bounds every wait, and closes once, in order.
 *
 * Events, getters, `options` and both call forms are those of `pg.Pool`.
 */
export class Pool extends pg.Pool {
  readonly #config: ResolvedPoolOptions;
  readonly #logger: Logger;
  #ended: Promise<void> | undefined;

  /** @throws {PoolConfigError} listing every option that is out of bounds. */
  constructor(options: PoolOptions) {
    const config = resolveConfig(options);
    super({
      Client,
      ...config,
      maxLifetimeSeconds: config.maxLifetimeMs / 1000,
      ...(config.queryTimeoutMs > 0 ? { query_timeout: config.queryTimeoutMs } : {}),
    });
    this.#config = config;
    this.#logger = config.logger ?? silentLogger;
    Object.defineProperty(this.options, "connectionString", { enumerable: false });
    this.#listen();
  }

  /**
   * Lends a connection; give it back with `client.release()`, or `client.release(true)` to destroy it.
   * Waits `connectionTimeoutMillis` at most.
   *
   * @throws {AcquireTimeoutError} none came free in time.
   * @throws {PoolSaturatedError} `maxWaiting` callers wait already.
   * @throws {PoolClosedError} `end()` was called.
   */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const acquired = this.#acquire();
    if (callback === undefined) return acquired;
    acquired.then(
      (client) =>
        callback(undefined, client, (release) => client.release(release === true || asError(release))),
      (error: Error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  /** Opens `min` connections in advance, so that the first callers need not wait for them. */
  async warmUp(): Promise<void> {
    const missing = this.#config.min - this.totalCount;
    if (missing <= 0) return;
    // Idle connections are lent first, so that many more have to be asked for.
    const asked = Array.from({ length: missing + this.idleCount }, () => this.#acquire());
    const opened = await Promise.allSettled(asked);
    for (const outcome of opened) if (outcome.status === "fulfilled") outcome.value.release();
    for (const outcome of opened) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** What the pool is doing now; synchronous, no I/O. */
  getStats(): PoolStats {
    return readStats(this);
  }

  /**
   * Refuses new callers, serves those that hold or wait for a connection until `timeoutMs` (10 s), rejects the rest with
   * {@link PoolClosedError}, and resolves when the sockets are closed. Every further call gets the same promise.
   */
  override end(options?: { timeoutMs?: number }): Promise<void>;
  override end(callback: () => void): void;
  override end(argument: { timeoutMs?: number } | (() => void) = {}): Promise<void> | undefined {
    const callback = typeof argument === "function" ? argument : undefined;
    const timeoutMs =
      typeof argument === "function" ? END_TIMEOUT_MS : (argument.timeoutMs ?? END_TIMEOUT_MS);
    this.#ended ??= drainAndEnd(this, { timeoutMs, refusal: closedError(), end: () => super.end() });
    if (callback === undefined) return this.#ended;
    this.#ended.then(callback);
    return undefined;
  }

  toJSON(): PoolStats {
    return this.getStats();
  }

  [inspect.custom](): string {
    return `Pool ${inspect(this.getStats())}`;
  }

  async #acquire(): Promise<pg.PoolClient> {
    if (this.#ended !== undefined) throw closedError();
    const { maxWaiting, connectionTimeoutMillis } = this.#config;
    if (this.waitingCount >= maxWaiting) {
      throw new PoolSaturatedError(
        `${this.waitingCount} callers wait for a connection already (DB_POOL_MAX_WAITING)`,
      );
    }
    try {
      return this.#lend(await super.connect());
    } catch (error) {
      if (!isQueueTimeout(error)) throw error;
      const { usedCount, max, waitingCount } = this.getStats();
      throw new AcquireTimeoutError(
        `no connection came free within ${connectionTimeoutMillis} ms: ${usedCount} of ${max} in use, ${waitingCount} waiting`,
        { cause: error },
      );
    }
  }

  /** Puts our judgement between the borrower's `release` and pg-pool's. */
  #lend(client: pg.PoolClient): pg.PoolClient {
    const giveBack = client.release.bind(client);
    let returned = false;
    const release = (error?: Error | boolean) => {
      if (returned) return giveBack(error); // throws, as pg-pool does on a second release
      returned = true;
      forget?.();
      if (!(error instanceof Error)) return giveBack(error === true || !isReusableNow(client));
      // pg-pool's own query() passes on every error of a statement: most of them say nothing against the connection.
      redactError(error);
      void isReusable(client, error).then((reusable) => giveBack(reusable ? undefined : error));
    };
    client.release = release;
    const forget = currentCheckoutScope()?.add({ release, place: callerPlace() });
    return client;
  }

  #listen(): void {
    this.on("error", (error) => {
      redactError(error);
      this.#logger.warn("connection lost while idle", { ...describeError(error), ...this.getStats() });
    });
    this.on("connect", (client) => {
      client.on("error", () => {}); // a `Client` class of the caller's may lack what ours has
      this.#logger.debug("connect", { ...this.getStats() });
    });
    this.on("acquire", () => this.#logger.debug("acquire", { ...this.getStats() }));
    this.on("remove", () => {
      this.#logger.debug("remove", { ...this.getStats() });
      if (this.#ended === undefined && this.totalCount < this.#config.min) this.#refill();
    });
  }

  #refill(): void {
    this.warmUp().catch((error) => this.#logger.warn("refill failed", { ...describeError(error) }));
  }
}

function closedError(): PoolClosedError {
  return new PoolClosedError("the pool is closed, or closing: it takes no new work");
}

/** pg-pool's error has no code; this is its text in version 3.14.0. */
function isQueueTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "timeout exceeded when trying to connect";
}

function asError(value: unknown): Error | undefined {
  return value instanceof Error ? value : undefined;
}
