import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import type pg from "pg";
import { acquireTimeout } from "./acquire-timeout.ts";
import { type CallSite, callSiteOf } from "./call-site.ts";
import { Checkout } from "./checkout.ts";
import { Client } from "./client.ts";
import { type PoolOptions, type ResolvedPoolOptions, resolveConfig } from "./config.ts";
import { isReusable, isReusableNow, resetSession } from "./connection-state.ts";
import { Connections } from "./connections.ts";
import { PoolClosedError, PoolSaturatedError } from "./errors.ts";
import { logLifecycle, logTrouble } from "./event-log.ts";
import type { PoolEvents } from "./events.ts";
import { Growth } from "./growth.ts";
import { heldOf } from "./holding.ts";
import { watchForLeak } from "./leaks.ts";
import { deadlock, NestedAcquireWatch } from "./nested-acquire.ts";
import { isAlive, isReady } from "./pg-internals.ts";
import { type PendingItem, PgPool } from "./pg-pool-base.ts";
import type { PooledConnection, RemovalReason } from "./pooled-connection.ts";
import { redactError } from "./redact.ts";
import { classifyError } from "./sqlstate.ts";
import { type PoolStats, type PoolTotals, Totals } from "./stats.ts";
import { describeError } from "./telemetry.ts";
import { type AcquireRequest, reasonOf, type Waiter, WaitingLine } from "./waiting-line.ts";

/** How long `end()` lets statements finish when it is not told, in milliseconds. */
const END_TIMEOUT_MS = 10_000;
/** How often `end()` looks whether everybody is done, in milliseconds. */
const POLL_MS = 10;

const CRASH_SHUTDOWN = "57P02";
const CANNOT_CONNECT_NOW = "57P03";

type ConnectCallback = PendingItem["callback"];

/** What pg-pool's own `connect()` asks for. */
const BY_DEFAULT: AcquireRequest = { raw: true };

export interface AcquireOptions {
  /** Gives up waiting; the connect it made necessary goes on for others. */
  signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds. @default connectionTimeoutMillis */
  timeoutMs?: number | undefined;
  /** The caller leaves the session as it is, so it need not be reset afterwards. @default false */
  clean?: boolean;
  /** Where the caller asks, for reports of leaks and slow statements. @default the stack of the call */
  callSite?: CallSite | undefined;
}

/**
 * A `pg.Pool` that keeps its promises: it never takes the process down, lends only connections that are clean and alive,
 * bounds every wait, recovers from an outage by itself, and closes once, in order.
 *
 * Events, getters, `options` and both call forms are those of `pg.Pool`. pg-pool's own `connect` and `query` stay in
 * charge of call forms and promises; the queue, growth and everything about connections is ours. The seam is `newClient`:
 * pg-pool calls it for every caller, because `_isFull()` says no and `_idle` stays empty.
 */
export class Pool extends PgPool {
  readonly events = new EventEmitter<PoolEvents>();
  #config: ResolvedPoolOptions;
  readonly #totals = new Totals();
  readonly #connections: Connections;
  readonly #growth: Growth;
  readonly #line: WaitingLine;
  readonly #checkouts = new Map<object, Checkout>();
  readonly #nestedAcquires = new NestedAcquireWatch((place) => this.events.emit("nestedAcquire", { place }));
  #keepsMinimum = false;
  /** Told at the next connect, whether it succeeds or fails. */
  #onGrowth: (() => void)[] = [];
  #request = BY_DEFAULT;
  #ended: Promise<void> | undefined;

  /** @throws {PoolConfigError} listing every option that is out of bounds. */
  constructor(options: PoolOptions = {}) {
    const config = resolveConfig(options);
    super({ ...config, maxLifetimeSeconds: config.maxLifetimeMs / 1000 });
    this.#config = config;
    for (const secret of ["connectionString", "password"]) {
      Object.defineProperty(this.options, secret, { enumerable: false });
    }
    this.on("error", redactError); // and there is a listener, so that the event ends no process
    if (config.logger !== undefined) {
      logTrouble(this, config.logger);
      logLifecycle(this, config.logger);
    }
    this.#connections = new Connections(this.options, {
      config: () => this.#config,
      onFree: (connection) => this.#lendToNext(connection),
      onChange: () => this.#serve(),
      onOpened: (client, tookMs) => this.#onOpened(client, tookMs),
      onRemoved: (reason) => this.#onRemoved(reason),
      onClosed: (client) => this.emit("remove", client),
      onLost: (client, error) => this.#onLost(client, error),
    });
    this.#growth = new Growth({
      wanted: () => this.#wanted(),
      room: () => this.#config.max - this.totalCount - this.#connections.closingBusy,
      demanded: () => this.#line.size > 0,
      connect: () => {
        this.log("connecting new client");
        return this.#connections.open();
      },
      classify: classifyError,
      onFailure: (error) => this.#onConnectFailure(error),
      onPermanentFailure: (error) => this.#onPermanentFailure(error),
    });
    this.#line = new WaitingLine({
      timeoutError: (timeoutMs) => this.#timeoutError(timeoutMs),
      onLeave: (outcome, waitedMs) => {
        this.#totals[outcome]++;
        this.events.emit(outcome === "timeouts" ? "acquireTimeout" : "acquireCanceled", { waitedMs });
      },
    });
    const query = this.query.bind(this) as (...call: unknown[]) => unknown;
    const queryAs = (...call: unknown[]) =>
      this.#asking({ raw: false, signal: signalOf(call[0]), callSite: callSiteOf(call[0]) }, () =>
        query(...call),
      );
    // Assigned, because pg's types spell out nine overloads of the method, and they stay as they are.
    this.query = queryAs as pg.Pool["query"];
  }

  get totalCount(): number {
    return this.#connections.size + this.#growth.connecting;
  }

  get idleCount(): number {
    return this.#connections.idleCount;
  }

  /** Callers for whom no connection is being opened or prepared: as in pg-pool, those do not count as waiting. */
  get waitingCount(): number {
    return Math.max(0, this.#line.size - this.#growth.connecting - this.#connections.preparing);
  }

  get expiredCount(): number {
    return this.#connections.expiredCount;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (this.#ended === undefined)
      return callback === undefined ? super.connect() : void super.connect(callback);
    if (callback === undefined) return this.Promise.reject(closedError());
    process.nextTick(callback, closedError(), undefined, () => {});
    return undefined;
  }

  /** Whether reports need the places that connections and statements are asked from: taking one costs microseconds. */
  get wantsCallSites(): boolean {
    const { leakThresholdMs, slowQueryMs, logger } = this.#config;
    return leakThresholdMs > 0 || (slowQueryMs > 0 && logger !== undefined);
  }

  /** What the pool is doing now; synchronous, no I/O. */
  getStats(): PoolStats {
    const { totalCount, idleCount, waitingCount } = this;
    const { max, min } = this.#config;
    return {
      totalCount,
      idleCount,
      waitingCount,
      usedCount: totalCount - idleCount,
      connectingCount: this.#growth.connecting,
      closingCount: this.#connections.closingBusy,
      max,
      min,
    };
  }

  /** What has happened since the pool was made. */
  getTotals(): PoolTotals {
    return this.#totals.snapshot();
  }

  /**
   * Lends a connection, like `connect()`, to a caller who may give up. Return it with `client.release()`, or
   * `client.release(true)` to destroy it.
   *
   * @throws {AcquireTimeoutError} none came free in time.
   * @throws {PoolSaturatedError} `maxWaiting` callers wait already.
   * @throws {PoolClosedError} `end()` was called.
   * @throws {NestedAcquireError} every connection is held by somebody who waits for another.
   * @throws the signal's reason.
   */
  acquire({ signal, timeoutMs, clean = false, callSite }: AcquireOptions = {}): Promise<pg.PoolClient> {
    return this.#asking({ raw: !clean, signal, timeoutMs, callSite }, () => this.connect());
  }

  /** Opens `min` connections, and from now on replaces those that are lost. @throws what connecting has thrown. */
  async warmUp(): Promise<void> {
    this.#keepsMinimum = true;
    this.#growth.pump();
    while (this.#ended === undefined && this.#connections.size < this.#config.min) {
      await new Promise<void>((resolve) => this.#onGrowth.push(resolve));
      const failure = this.#growth.lastFailure;
      if (failure !== undefined) throw failure.error;
    }
  }

  /**
   * Changes the bounds at once: a smaller pool closes idle connections now and others when they come back.
   *
   * @throws {PoolConfigError} they are out of bounds; nothing was changed.
   */
  resize({ max = this.#config.max, min = this.#config.min }: { max?: number; min?: number }): void {
    this.#config = resolveConfig({ ...this.#config, max, min });
    Object.assign(this.options, { max, min });
    this.#connections.shrink();
    this.#serve();
  }

  /** Replaces every connection, softly: idle ones now, others when they come back. */
  drain(): void {
    this.#connections.retireAll();
    this.events.emit("retired", { generation: this.#connections.generation });
  }

  /**
   * Refuses new callers, serves those that hold or wait for a connection until `timeoutMs` (10 s), rejects the rest with
   * {@link PoolClosedError}, and resolves when the sockets are closed. Every further call gets the same promise.
   */
  end(options?: { timeoutMs?: number }): Promise<void>;
  end(callback: () => void): void;
  end(argument: { timeoutMs?: number } | (() => void) = {}): Promise<void> | undefined {
    const callback = typeof argument === "function" ? argument : undefined;
    const timeoutMs =
      typeof argument === "function" ? END_TIMEOUT_MS : (argument.timeoutMs ?? END_TIMEOUT_MS);
    this.#ended ??= new this.Promise((resolve, reject) => this.#end(timeoutMs).then(resolve, reject));
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

  /** pg-pool asks before every connect: see `pg-pool-base.ts`. */
  protected _isFull(): boolean {
    return false;
  }

  /** pg-pool's callers arrive here. Decides without awaiting; `callback` is called later, and once. */
  protected newClient({ callback }: PendingItem): void {
    const { raw, signal, callSite, timeoutMs = this.#config.connectionTimeoutMillis } = this.#request;
    const settle = (error: Error | undefined, client: pg.PoolClient | undefined) =>
      callback(error, client, client?.release ?? (() => {}));
    const held = this.#held();
    const refusal = signal?.aborted ? reasonOf(signal) : (this.#overload() ?? this.#deadlock(held));
    if (refusal !== undefined) {
      process.nextTick(settle, refusal, undefined);
      return;
    }
    if (held.length > 0) this.#nestedAcquires.notice();
    const wantsCallSite = this.wantsCallSites;
    this.#line.join({ raw, signal, timeoutMs, wantsCallSite, callSite }, held, settle);
    if (this.idleCount > 0) process.nextTick(() => this.#serve());
    else this.#growth.pump();
  }

  #overload(): PoolSaturatedError | undefined {
    const { waitingCount } = this;
    if (waitingCount < this.#config.maxWaiting || this.idleCount > 0) return undefined;
    this.#totals.shed++;
    this.events.emit("shed", { waitingCount });
    return new PoolSaturatedError(
      `${waitingCount} callers wait for a connection already (DB_POOL_MAX_WAITING)`,
    );
  }

  /** The borrows in whose context the running code asks for another connection. */
  #held(): Checkout[] {
    const held = heldOf(this).map((client) => this.#checkouts.get(client));
    return held.filter((checkout) => checkout !== undefined);
  }

  #deadlock(held: readonly Checkout[]): Error | undefined {
    const count = { borrowed: this.#checkouts.size, max: this.#config.max };
    return deadlock(held, this.#checkouts.values(), count);
  }

  /** Gives idle connections to those who wait, in order, and grows where there are too few. */
  #serve(): void {
    // A connection that is being prepared will serve one of them.
    const needed = () => this.#line.size > this.#connections.preparing;
    for (
      let free = this.#connections.take(needed);
      free !== undefined;
      free = this.#connections.take(needed)
    ) {
      this.#lendToNext(free);
    }
    this.#growth.pump();
  }

  #lendToNext(connection: PooledConnection): boolean {
    const waiter = this.#line.next();
    if (waiter !== undefined) this.#lend(connection, waiter);
    return waiter !== undefined;
  }

  #lend(connection: PooledConnection, { raw, sinceMs, callSite, scope, settle }: Waiter): void {
    const { client } = connection;
    const waitedMs = performance.now() - sinceMs;
    const leakWatch = watchForLeak(this.#config.leakThresholdMs, callSite, {
      onLeak: (report) => this.events.emit("leak", report),
      onReturn: (report) => this.events.emit("leakReturned", report),
    });
    const checkout = new Checkout({ raw, waitedMs, callSite, leakWatch });
    connection.busy = true;
    this.#checkouts.set(client, checkout);
    if (client instanceof Client) client.borrower = checkout;
    this.#totals.acquired++;
    this.#totals.wait.record(waitedMs);
    client.release = (error) => this.#takeBack(connection, checkout, error);
    checkout.forget = scope?.add({ release: () => client.release(true), callSite });
    this.emit("acquire", client);
    settle(undefined, client);
  }

  #takeBack(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void {
    checkout.end();
    const { client } = connection;
    this.#checkouts.delete(client);
    if (client instanceof Client) client.borrower = undefined;
    this.#totals.use.record(checkout.heldMs);
    connection.uses++;
    this.emit("release", error, client);
    if (!error && !checkout.raw && isReusableNow(client)) {
      this.#connections.free(connection);
      return;
    }
    const reason = unfit(client, error);
    if (reason === undefined)
      void this.#connections.prepare(connection, () => judge(client, checkout, error || undefined));
    else this.#connections.remove(connection, reason);
  }

  #onOpened(client: pg.PoolClient, tookMs: number): void {
    this.#totals.created++;
    this.#totals.create.record(tookMs);
    this.log("new client connected");
    this.#grown();
    this.emit("connect", client);
  }

  #onRemoved(reason: RemovalReason): void {
    this.#totals.destroyed(reason);
    this.log(`remove client: ${reason}`);
    this.events.emit("destroyed", { reason });
  }

  /** An idle connection was lost: tell, and trust the others no further than a test. */
  #onLost(client: pg.PoolClient, error: Error): void {
    if (classifyError(error).sqlstate === CRASH_SHUTDOWN) this.drain();
    else this.#connections.suspectAll();
    Object.assign(error, { client });
    redactError(error);
    this.emit("error", error, client);
  }

  #onConnectFailure(error: Error): void {
    this.log("client failed to connect", error);
    const description = describeError(error);
    this.events.emit("connectFailed", description);
    this.#grown();
    // A server that is starting up has lost every connection it had.
    if (description.sqlstate === CANNOT_CONNECT_NOW && this.#connections.size > 0) this.drain();
    else this.#connections.suspectAll();
  }

  /** @returns whether somebody was told: nobody is while another connection may still serve them. */
  #onPermanentFailure(error: Error): boolean {
    if (this.#connections.size > 0) return false;
    const waiter = this.#line.next();
    waiter?.settle(error, undefined);
    return waiter !== undefined;
  }

  #grown(): void {
    for (const tell of this.#onGrowth.splice(0)) tell();
  }

  /** How many connections there should be, above those that there are. */
  #wanted(): number {
    const unserved = this.#line.size - this.idleCount - this.#connections.preparing;
    const keeps = this.#keepsMinimum && this.#ended === undefined;
    return Math.max(unserved, keeps ? this.#config.min - this.#connections.size : 0);
  }

  #timeoutError(timeoutMs: number): Error {
    const kindOf = (error: Error) => classifyError(error).kind;
    return acquireTimeout(
      timeoutMs,
      this.getStats(),
      this.#checkouts.values(),
      this.#growth.lastFailure,
      kindOf,
    );
  }

  async #end(timeoutMs: number): Promise<void> {
    this.log("ending");
    this.ending = true;
    const done = () =>
      this.#line.size === 0 && this.#checkouts.size === 0 && this.#connections.preparing === 0;
    await until(done, timeoutMs);
    this.#growth.stop();
    this.#grown();
    this.#line.rejectAll(closedError());
    await this.#connections.closeAll();
    this.ended = true;
  }

  /** Lets `work`, which calls pg-pool, ask for a connection in a way that pg-pool has no words for. */
  #asking<T>(request: AcquireRequest, work: () => T): T {
    this.#request = request;
    try {
      return work();
    } finally {
      this.#request = BY_DEFAULT;
    }
  }
}

/** Why a connection that came back is of no more use, where a look tells. */
function unfit(client: pg.PoolClient, error: Error | boolean | undefined): RemovalReason | undefined {
  if (error === true) return "requested";
  if (!isAlive(client)) return "lost";
  return !error && !isReady(client) ? "statement_running" : undefined;
}

/** Decides what becomes of a connection that came back, where that takes more than a look. */
async function judge(
  client: pg.PoolClient,
  { raw }: Checkout,
  error: Error | true | undefined,
): Promise<RemovalReason | undefined> {
  if (error !== undefined) redactError(error);
  if (!(await isReusable(client, error))) {
    return isReady(client) && client.getTransactionStatus() !== "I" ? "transaction_open" : "error";
  }
  return raw && !(await resetSession(client)) ? "reset_failed" : undefined;
}

function signalOf(config: unknown): AbortSignal | undefined {
  if (typeof config !== "object" || config === null || !("signal" in config)) return undefined;
  return config.signal instanceof AbortSignal ? config.signal : undefined;
}

function closedError(): PoolClosedError {
  return new PoolClosedError("the pool is closed, or closing: it takes no new work");
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
