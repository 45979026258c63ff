import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import type pg from "pg";
import { currentCheckoutScope } from "./acquire/checkout-scope.ts";
import { connectionsHeldBy } from "./acquire/held-connections.ts";
import { type PoolOptions, resolveConfig } from "./config/options.ts";
import { isReusable, resetSession } from "./connection/reset.ts";
import {
  AcquireTimeoutError,
  NestedAcquireError,
  PoolClosedError,
  PoolSaturatedError,
} from "./errors/errors.ts";
import { isAlive } from "./pg/internals.ts";
import { logLifecycle } from "./pool-logger.ts";
import { Client } from "./query/client.ts";
import { CallSite, callSiteOf } from "./telemetry/call-site.ts";
import type { PoolStats } from "./telemetry/stats.ts";

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

interface AcquireOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
  clean?: boolean;
  callSite?: CallSite | undefined;
}

/**
 * The rollback path: one `pg.Client` for the whole process, lent to one borrower at a time, in the order they came.
 * It connects at the first need and again after a loss. It has the shape of a pool, so that the rest need not care.
 */
export class SingleClientPool extends EventEmitter {
  /** Drizzle looks for "Pool" in the class's name, and a bundler that minifies would change it. */
  static override readonly name = "SingleClientPool";

  readonly options: PoolOptions;
  readonly #acquireTimeoutMs: number;
  readonly #maxWaiting: number;
  readonly wantsCallSites: boolean;
  readonly #onConnect: PoolOptions["onConnect"];
  #client: Client | undefined;
  #lent = false;
  #closed: Promise<void> | undefined;
  #waiters: Waiter[] = [];
  #onIdle: (() => void) | undefined;

  /** @throws {PoolConfigError} listing every option that is out of bounds. */
  constructor(options: PoolOptions) {
    super();
    const { connectionTimeoutMillis, maxWaiting, queryTimeoutMs, onConnect, ...config } =
      resolveConfig(options);
    this.options = {
      ...config,
      max: 1,
      min: 0,
      connectionTimeoutMillis,
      queryTimeoutMs,
    };
    Object.defineProperty(this.options, "password", { enumerable: false });
    this.#acquireTimeoutMs = connectionTimeoutMillis;
    this.#maxWaiting = maxWaiting;
    this.#onConnect = onConnect;
    if (config.logger !== undefined) logLifecycle(this, config.logger);
    this.wantsCallSites = config.slowQueryMs > 0 && config.logger !== undefined;
  }

  get totalCount(): number {
    return this.#client === undefined ? 0 : 1;
  }

  get idleCount(): number {
    return this.#client !== undefined && !this.#lent ? 1 : 0;
  }

  get waitingCount(): number {
    return this.#waiters.length;
  }

  getStats(): PoolStats {
    const { totalCount, idleCount, waitingCount } = this;
    const usedCount = totalCount - idleCount;
    return {
      totalCount,
      idleCount,
      waitingCount,
      usedCount,
      connectingCount: 0,
      closingCount: 0,
      max: 1,
      min: 0,
    };
  }

  /** As `acquire()`. */
  connect(): Promise<pg.PoolClient> {
    return this.acquire();
  }

  /**
   * Lends the client; give it back with `client.release()`.
   *
   * @param clean the caller leaves the session as it is, so it need not be reset afterwards. @default false
   * @throws {AcquireTimeoutError} the client did not come free in time.
   * @throws {PoolSaturatedError} `maxWaiting` callers wait already.
   * @throws {PoolClosedError} `end()` was called.
   * @throws {NestedAcquireError} the running code holds the client already.
   * @throws the signal's reason.
   */
  async acquire(options: AcquireOptions = {}) {
    const { signal, timeoutMs = this.#acquireTimeoutMs, clean = false } = options;
    const wantsCallSite = this.wantsCallSites || currentCheckoutScope() !== undefined;
    const callSite = options.callSite ?? (wantsCallSite ? new CallSite() : undefined);
    const startedAtMs = performance.now();
    signal?.throwIfAborted();
    await this.#takeTurn(timeoutMs, signal);
    try {
      const client = await this.#connected();
      client.holder = { resetOnRelease: !clean, waitedMs: performance.now() - startedAtMs, callSite };
      return this.#lend(client, clean);
    } catch (error) {
      this.#passOn();
      throw error;
    }
  }

  async query(statement: string | pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> {
    const callSite = callSiteOf(statement);
    const client = await this.acquire({ clean: true, callSite });
    try {
      const result = await client.query(statement, values);
      client.release();
      return result;
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      throw error;
    }
  }

  async warmUp(): Promise<void> {
    (await this.acquire({ clean: true })).release();
  }

  end({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  toJSON(): PoolStats {
    return this.getStats();
  }

  [inspect.custom](): string {
    return `SingleClientPool ${inspect(this.getStats())}`;
  }

  #takeTurn(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(closedError());
    if (connectionsHeldBy(this).length > 0) {
      const message =
        "the single client is held by the code that waits for it: use the transaction's own handle, not `db`";
      return Promise.reject(new NestedAcquireError(message));
    }
    if (!this.#lent) {
      this.#lent = true;
      return Promise.resolve();
    }
    if (this.waitingCount >= this.#maxWaiting) {
      const message = `${this.waitingCount} callers wait for the client already (DB_POOL_MAX_WAITING)`;
      return Promise.reject(new PoolSaturatedError(message));
    }
    return new Promise((resolve, reject) => {
      const leave = (error: Error) => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        waiter.reject(error);
      };
      const onAbort = () => leave(signal?.reason);
      const expire = () => leave(this.#timeoutError(timeoutMs));
      const settled = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        resolve: () => {
          settled();
          resolve();
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      const timer = setTimeout(expire, timeoutMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #timeoutError(timeoutMs: number): AcquireTimeoutError {
    const waiting = this.#waiters.length;
    return new AcquireTimeoutError(
      `the single client did not come free within ${timeoutMs} ms: ${waiting} waiting`,
    );
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined && isAlive(this.#client)) return this.#client;
    const client = new Client(this.options);
    client.once("end", () => {
      if (this.#client === client) this.#client = undefined;
    });
    try {
      await client.connect();
      await this.#onConnect?.(client);
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
    this.#client = client;
    this.emit("connect", client);
    return client;
  }

  #lend(client: Client, clean: boolean): pg.PoolClient {
    let returned = false;
    const release = (error?: Error | boolean) => {
      if (returned) throw new Error("Release called on client which has already been released to the pool.");
      returned = true;
      forget?.();
      client.holder = undefined;
      void this.#takeBack(client, clean, error);
    };
    const forget = currentCheckoutScope()?.add({ release, callSite: client.holder?.callSite });
    this.emit("acquire", client);
    return Object.assign(client, { release });
  }

  async #takeBack(client: Client, clean: boolean, error: Error | boolean | undefined): Promise<void> {
    const usable = error !== true && (await isReusable(client, error === false ? undefined : error));
    const reusable = usable && (clean || (await resetSession(client)));
    if (!reusable) {
      if (this.#client === client) this.#client = undefined;
      client.connection.stream.destroy();
    }
    this.emit("release", error, client);
    this.#passOn();
  }

  #passOn(): void {
    const next = this.#waiters.shift();
    if (next === undefined) {
      this.#lent = false;
      this.#onIdle?.();
      return;
    }
    next.resolve();
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#lent) {
      let timer: NodeJS.Timeout | undefined;
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      await idle;
      clearTimeout(timer);
    }
    for (const waiter of this.#waiters.splice(0)) {
      waiter.reject(closedError());
    }
    if (this.#lent) this.#client?.connection.stream.destroy();
    else await this.#client?.end();
    this.#client = undefined;
  }
}

function closedError(): PoolClosedError {
  return new PoolClosedError("the database client is closed, or closing: it takes no new work");
}
