import { EventEmitter } from "node:events";
import type pg from "pg";
import { callGatekeeper, callOnlooker, tellListeners } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { signalOf } from "../async/on-abort.ts";
import { withTimeout } from "../async/with-timeout.ts";
import {
  logContext,
  type PoolOptions,
  type ResolvedPoolOptions,
  resolveConfig,
  waitLimitMs,
} from "../config/options.ts";
import { classifyError } from "../errors/classify.ts";
import {
  AcquireTimeoutError,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  PoolSaturatedError,
} from "../errors/errors.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { type PromisedWaiter, waitIn } from "../queue/promised-waiter.ts";
import { WaitQueue } from "../queue/wait-queue.ts";
import { CallSite, callSiteOf } from "../telemetry/call-site.ts";
import { inspectAs } from "../telemetry/inspect-as.ts";
import { type LimitedLog, limitedLog } from "../telemetry/limited-log.ts";
import { describeError, type LogEvent, writeLine } from "../telemetry/logger.ts";
import type { Holder } from "../telemetry/slow-query-log.ts";
import { holderOf, type PoolHolder, type PoolStats } from "../telemetry/stats.ts";
import { type Attempt, SingleClient } from "./single-client.ts";

/** How long the server may take to answer a goodbye, in milliseconds. */
const TERMINATE_TIMEOUT_MS = 1_000;
/** Options that would change what a connection is, or how it is checked, and are not heeded here. */
const REFUSED = ["Client", "Promise", "verify"] as const;

interface AcquireOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
  callSite?: CallSite | undefined;
}

/** Somebody has the client. */
interface Checkout extends Holder {
  readonly callSite: CallSite;
  readonly startedAtMs: number;
}

/** What others know of the code that runs: nothing of it is needed, and nothing of it is imported. */
export interface RunningCode {
  /** Whether it holds the client, and would wait for itself. */
  holds?(pool: SingleClientPool): boolean;
  /** What it belongs to, where that may be run again. */
  attempt?(): Attempt | undefined;
  /** Notes a checkout that ends with that code at the latest. @returns what to call when it has ended. */
  note?(checkout: { release(destroy: boolean): void; callSite: CallSite }): (() => void) | undefined;
}

/**
 * The rollback path: one client for the whole process, held by one caller at a time, in the order they came. It connects at
 * the first need and again after a loss. It has the shape of a pool, so that the rest need not care, and shares with the
 * pool errors, settings, telemetry and the queue.
 */
export class SingleClientPool extends EventEmitter {
  /** Drizzle looks for "Pool" in the class's name, and a bundler that minifies would change it. */
  static override readonly name = "SingleClientPool";

  readonly options: PoolOptions;
  readonly wantsCallSites: boolean;
  readonly #config: ResolvedPoolOptions;
  readonly #log: LimitedLog | undefined;
  readonly #runningCode: RunningCode;
  readonly #waitQueue = new WaitQueue<PromisedWaiter<SingleClient>>({
    timeoutError: (timeoutMs) => this.#timeoutError(timeoutMs),
    onLeave: (outcome, waitedMs, error) => {
      if (outcome === "timeouts")
        this.#write("warn", "db.pool.acquire_timeout", error, {
          waitedMs: Math.round(waitedMs),
          diagnosis: error.message,
        });
    },
  });
  #client: SingleClient | undefined;
  /** Somebody holds the client, or it is being opened or reset. */
  #isBusy = false;
  #isConnecting = false;
  #checkout: Checkout | undefined;
  /** When the server has last done what a statement asked for. */
  #answeredAtMs: number | undefined;
  #closed: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;
  /** When the first attempt to connect began that has failed, and how many have since. */
  #outage: { readonly sinceMs: number; failures: number } | undefined;

  /** @throws {PoolConfigError} listing every option that is out of bounds, or that the single client cannot heed. */
  constructor(options: PoolOptions, runningCode: RunningCode = {}) {
    super();
    inspectAs(this, (inspect) => `SingleClientPool ${inspect(this.getStats())}`);
    const config = resolveConfig(options);
    const refused = REFUSED.filter((name) => options[name] !== undefined);
    if (refused.length > 0)
      throw new PoolConfigError(refused.map((name) => `${name} has no effect on the single client`));
    if (config.hosts !== undefined) {
      throw new PoolConfigError([
        "the single client goes to one server, whatever its role: name one host, without target_session_attrs",
      ]);
    }
    this.#log = config.logger && limitedLog(config.logger, logContext(config, "single-client"));
    this.#config = { ...config, ...(this.#log && { logger: this.#log }) };
    this.#runningCode = runningCode;
    this.options = { ...config, max: 1, min: 0 };
    Object.defineProperty(this.options, "password", { enumerable: false });
    this.wantsCallSites = config.slowQueryMs > 0 && config.logger !== undefined;
  }

  get totalCount(): number {
    return this.#live === undefined ? 0 : 1;
  }

  get idleCount(): number {
    return this.#isBusy ? 0 : this.totalCount;
  }

  /** As in pg-pool, the caller for whom the client is being opened does not count as waiting. */
  get waitingCount(): number {
    return Math.max(0, this.#waitQueue.size - (this.#isConnecting ? 1 : 0));
  }

  getStats(): PoolStats {
    const { totalCount, idleCount, waitingCount } = this;
    const connectingCount = this.#isConnecting ? totalCount : 0;
    return {
      totalCount,
      idleCount,
      waitingCount,
      usedCount: totalCount - idleCount - connectingCount,
      connectingCount,
      closingCount: 0,
      max: 1,
      min: 0,
      ...(this.#answeredAtMs !== undefined && {
        answeredMsAgo: Math.round(performance.now() - this.#answeredAtMs),
      }),
    };
  }

  /** How long the caller who is next has waited, in milliseconds; 0 where nobody waits. */
  get oldestWaiterMs(): number {
    return this.#waitQueue.oldestMs;
  }

  /** Who holds the client now, if anybody does; synchronous, no I/O. */
  getHolders(): PoolHolder[] {
    if (this.#checkout === undefined) return [];
    const { startedAtMs, callSite } = this.#checkout;
    return [holderOf({ heldMs: performance.now() - startedAtMs, callSite })];
  }

  /** As `acquire()`. */
  connect(callback?: never): Promise<pg.PoolClient> {
    refuseCallbacks(callback);
    return this.acquire();
  }

  /**
   * Waits for the client; give it back with `client.release()`.
   *
   * @throws {AcquireTimeoutError} the client did not come free, or was not opened, in time.
   * @throws {PoolSaturatedError} `maxWaiting` callers wait already.
   * @throws {PoolClosedError} `end()` was called.
   * @throws {NestedAcquireError} the running code holds the client already.
   * @throws the signal's reason; what connecting has thrown.
   */
  async acquire({
    signal,
    timeoutMs = waitLimitMs(this.#config),
    callSite = new CallSite(),
  }: AcquireOptions = {}): Promise<pg.PoolClient> {
    const sinceMs = performance.now();
    signal?.throwIfAborted();
    this.#refuse();
    const attempt = this.#runningCode.attempt?.();
    attempt?.begin(); // it may yet send something
    const waiting = waitIn(this.#waitQueue, { signal, timeoutMs }, () => void this.#serve());
    const client = await waiting.finally(() => attempt?.end(false));
    const startedAtMs = performance.now();
    const waitedMs = startedAtMs - sinceMs;
    return this.#checkOut(client, { hasClient: true, waitedMs, callSite, startedAtMs });
  }

  async query(
    statement: string | pg.QueryConfig,
    values?: unknown[],
    callback?: never,
  ): Promise<pg.QueryResult> {
    refuseCallbacks(values, callback);
    const client = await this.acquire({ callSite: callSiteOf(statement), signal: signalOf(statement) });
    try {
      const result = await client.query(statement, values);
      client.release();
      return result;
    } catch (error) {
      client.release(isError(error) ? error : true);
      throw error;
    }
  }

  async warmUp(): Promise<void> {
    (await this.acquire()).release();
  }

  /**
   * Refuses newcomers, serves those that hold or wait for the client until `timeoutMs`, rejects the rest and closes the
   * connection. Every further call gets the same promise.
   */
  end({ timeoutMs = 10_000 }: { timeoutMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  /** Those of `connect` and `acquire` refuse the client to its caller by throwing, others only look on. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const mayRefuse = event === "connect" || event === "acquire";
    return tellListeners(this, event, values, mayRefuse ? callGatekeeper : callOnlooker);
  }

  toJSON(): PoolStats {
    return this.getStats();
  }

  get #live(): SingleClient | undefined {
    return this.#client?.isLost === false ? this.#client : undefined;
  }

  #refuse(): void {
    if (this.#closed !== undefined) throw closedError();
    if (this.#runningCode.holds?.(this)) {
      throw new NestedAcquireError(
        "the single client is held by the code that waits for it: use the transaction's own handle, not `db`",
      );
    }
    const { waitingCount } = this;
    if (waitingCount < this.#config.maxWaiting) return;
    const error = new PoolSaturatedError(
      `${waitingCount} callers wait for the client already (DB_POOL_MAX_WAITING)`,
    );
    this.#write("warn", "db.pool.shed", error);
    throw error;
  }

  /** Hands the client to whoever has waited longest, and opens it where there is none. */
  async #serve(): Promise<void> {
    while (!this.#isBusy && this.#waitQueue.size > 0) {
      this.#isBusy = true;
      try {
        const client = this.#live ?? (await this.#connect());
        const waiter = this.#waitQueue.next();
        if (waiter !== undefined) {
          client.keepProcess(true);
          return waiter.resolve(client); // busy until it comes back
        }
      } catch (error) {
        this.#waitQueue.next()?.reject(isError(error) ? error : new Error(String(error)));
      }
      this.#isBusy = false;
    }
    if (this.#isBusy) return;
    if (this.#config.allowExitOnIdle !== false) this.#live?.keepProcess(false);
    this.#onIdle?.();
  }

  async #connect(): Promise<SingleClient> {
    const client = new SingleClient(this.#config, this.#runningCode.attempt);
    const startedAtMs = performance.now();
    this.#client = client;
    this.#isConnecting = true;
    try {
      await this.#setUp(client, async () => {
        await client.connect();
        await client.setUp();
        await this.#config.check?.(client as unknown as pg.PoolClient);
      });
      client.sessionChanged = false;
      this.#noteConnected(client);
      client.connection.on("commandComplete", () => {
        this.#answeredAtMs = performance.now();
      });
      this.emit("connect", client);
      return client;
    } catch (error) {
      client.cut();
      this.#outage ??= { sinceMs: startedAtMs, failures: 0 };
      this.#outage.failures++;
      this.#write("warn", "db.pool.connect_failed", error);
      throw error;
    } finally {
      this.#isConnecting = false;
    }
  }

  #noteConnected(client: SingleClient): void {
    this.#debug("db.pool.connected");
    client.once("error", (error) => {
      if (this.#client === client) this.#write("warn", "db.pool.connection_lost", error);
    });
    const { sinceMs, failures } = this.#outage ?? {};
    this.#outage = undefined;
    if (sinceMs === undefined) return;
    const fields = { outageMs: Math.round(performance.now() - sinceMs), failures, ...this.getStats() };
    this.#log?.write("info", "db.pool.recovered", "", () => fields);
  }

  #write(level: "warn", event: LogEvent, error: unknown, more: object = {}): void {
    const described = describeError(error);
    this.#log?.write(level, event, described.kind, () => ({ ...described, ...more, ...this.getStats() }));
  }

  #debug(event: LogEvent, fields: object = {}): void {
    if (this.#log?.debug !== undefined)
      writeLine(this.#log, "debug", event, { ...fields, ...this.getStats() });
  }

  /** Connects, or resets, and runs the hook, all within one bound. */
  async #setUp(client: SingleClient, work: () => Promise<unknown>): Promise<void> {
    const { onConnect } = this.#config;
    const limitMs = waitLimitMs(this.#config);
    const both = work().then(() => onConnect?.(client));
    await withTimeout(both, limitMs, () => {
      const error = new Error(`connecting took longer than ${limitMs} ms`);
      return Object.assign(error, { code: "ETIMEDOUT", syscall: "connect" });
    });
  }

  #checkOut(client: SingleClient, checkout: Checkout): pg.PoolClient {
    const release = (error?: Error | boolean) => {
      if (this.#checkout !== checkout)
        throw new Error("Release called on client which has already been released to the pool.");
      this.#checkout = undefined;
      client.holder = undefined;
      forget?.();
      void this.#reclaim(client, error);
    };
    this.#checkout = checkout;
    client.holder = checkout;
    const forget = this.#runningCode.note?.({ release, callSite: checkout.callSite });
    const checkedOut = Object.assign(client, { release });
    try {
      this.#debug("db.pool.acquired", { waitedMs: Math.round(checkout.waitedMs) });
      this.emit("acquire", checkedOut);
      return checkedOut;
    } catch (error) {
      release(true);
      throw error;
    }
  }

  async #reclaim(client: SingleClient, error: Error | boolean | undefined): Promise<void> {
    const isUntouched = !client.sessionChanged && !error && client.isIdle;
    const isReusable = !client.isLost && isOrdinary(error) && (isUntouched || (await this.#reset(client)));
    if (!isReusable) client.cut();
    this.#isBusy = false;
    void this.#serve();
    this.emit("release", error, client);
  }

  /** @returns whether the session is again what it was when it was opened; one inside a transaction is not. */
  async #reset(client: SingleClient): Promise<boolean> {
    if (this.listenerCount("connect") > 0) return false; // what they have done to the session cannot be repeated
    try {
      await this.#setUp(client, () => client.reset());
      client.sessionChanged = false;
      return client.getTransactionStatus() === "I";
    } catch {
      return false;
    }
  }

  #timeoutError(timeoutMs: number): AcquireTimeoutError {
    const { callSite, startedAtMs } = this.#checkout ?? {};
    const held =
      startedAtMs === undefined
        ? "it is being opened or reset"
        : `held for ${Math.round(performance.now() - startedAtMs)} ms at ${callSite}`;
    return new AcquireTimeoutError(
      `the single client did not come free within ${timeoutMs} ms: ${this.waitingCount} waiting; ${held}`,
    );
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#isBusy) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await withTimeout(idle, timeoutMs, closedError).catch(() => {});
    }
    this.#waitQueue.rejectAll(closedError());
    const client = this.#live;
    if (client !== undefined && !this.#isBusy)
      await withTimeout(client.end(), TERMINATE_TIMEOUT_MS, closedError).catch(() => {});
    client?.cut();
  }
}

/** Whether an error, if any, says nothing against the connection it came over. */
function isOrdinary(error: Error | boolean | undefined): boolean {
  if (!error) return true;
  return isStatementError(error) && !classifyError(error).unavailable;
}

function refuseCallbacks(...values: unknown[]): void {
  if (values.some((value) => typeof value === "function"))
    throw new TypeError("the single client takes no callbacks: await the promise");
}

function closedError(): PoolClosedError {
  return new PoolClosedError("the database client is closed, or closing: it takes no new work");
}
