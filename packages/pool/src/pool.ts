import { isPromise } from "node:util/types";
import type pg from "pg";
import { Checkout } from "./acquire/checkout.ts";
import { Checkouts } from "./acquire/checkouts.ts";
import { deadlock, NestedAcquireWatch } from "./acquire/deadlock.ts";
import { queryAgain } from "./acquire/query-again.ts";
import { type AcquireRequest, type Caller, callerOf } from "./acquire/request.ts";
import { acquireTimeout } from "./acquire/timeout-error.ts";
import { AcquireWaiter } from "./acquire/waiter.ts";
import { bindCallback } from "./async/bind-callback.ts";
import { callBack, callGatekeeper, callOnlooker, tellListeners } from "./async/foreign-code.ts";
import { abortReason, signalOf } from "./async/on-abort.ts";
import { tracedRejection } from "./async/rejection.ts";
import {
  logContext,
  type PoolOptions,
  type ResolvedPoolOptions,
  resolveConfig,
  waitLimitMs,
} from "./config/options.ts";
import { ConnectionSet } from "./connection/connection-set.ts";
import type { PooledConnection } from "./connection/pooled-connection.ts";
import { isReusableNow, mayHaveChanged } from "./connection/reset.ts";
import { checkReturned, reasonAtReturn } from "./connection/return-check.ts";
import { PoolClosedError, PoolSaturatedError } from "./errors/errors.ts";
import { redactError } from "./errors/redact.ts";
import { PoolEventEmitter, type PoolEvents } from "./events.ts";
import { HostWatch } from "./hosts/host-watch.ts";
import { type Hosts, hostsOf, optionsAt, type PoolHost } from "./hosts/hosts.ts";
import { type PendingItem, PgPool } from "./pg/pool-base.ts";
import { logLifecycle, logTrouble } from "./pool-logger.ts";
import { currentAttempt } from "./query/attempt.ts";
import { Client } from "./query/client.ts";
import { Pooler } from "./query/pooler.ts";
import { StatementNames } from "./query/statement-names.ts";
import { WaitQueue } from "./queue/wait-queue.ts";
import { asError } from "./sizing/connector.ts";
import { PoolSizer } from "./sizing/sizer.ts";
import { SessionEffects } from "./sql/session-effect.ts";
import { type CallSite, callSiteOf } from "./telemetry/call-site.ts";
import { inspectAs } from "./telemetry/inspect-as.ts";
import { type LimitedLog, limitedLog } from "./telemetry/limited-log.ts";
import { describeError } from "./telemetry/logger.ts";
import { RouteTallies } from "./telemetry/route-tally.ts";
import type { StatementWatcher } from "./telemetry/statement-tally.ts";
import {
  type DestroyReason,
  holderOf,
  type PoolHolder,
  type PoolStats,
  type PoolTotals,
  type SizeReason,
  Totals,
} from "./telemetry/stats.ts";

/** How long `end()` lets statements finish when it is not told, in milliseconds. */
const END_TIMEOUT_MS = 10_000;
/** How often `end()` looks whether everybody is done, in milliseconds. */
const POLL_MS = 10;

type ConnectCallback = PendingItem["callback"];

/** Options that pg-pool, too, reads each time that it needs them: who assigns one changes the pool. */
const LIVE_OPTIONS = [
  "min",
  "idleTimeoutMillis",
  "connectionTimeoutMillis",
  "maxUses",
  "allowExitOnIdle",
  "onConnect",
  "verify",
  "check",
  "session",
  "maxWaiting",
  "maxLifetimeMs",
  "leakThresholdMs",
] as const satisfies readonly (keyof ResolvedPoolOptions)[];

/** What pg-pool tells its log of a connection that goes. */
const PG_POOL_SAYS: Partial<Record<DestroyReason, string>> = {
  used_up: "remove expended client",
  expired: "remove expired client",
  idle: "remove idle client",
};

/** What pg-pool's own `connect()` asks for. */
const BY_DEFAULT: AcquireRequest = { hasClient: true, immediate: false };

export interface AcquireOptions {
  /** Gives up waiting; the connect it made necessary goes on for others. */
  signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds. @default connectionTimeoutMillis */
  timeoutMs?: number | undefined;
  /** Who the caller asks for: where several wait, tenants take turns. @default those without one are one tenant */
  tenant?: string | undefined;
  /** Where the caller asks, for reports of leaks and slow statements. @default the stack of the call */
  callSite?: CallSite | undefined;
}

/**
 * A `pg.Pool` that keeps its promises: it never takes the process down, checks out only connections that are as new and
 * alive, bounds every wait, recovers from an outage by itself, and closes once, in order.
 *
 * Events, getters, `options` and both call forms are those of `pg.Pool`. pg-pool's own `connect` and `query` stay in
 * charge of call forms and promises; the queue, sizing and everything about connections is ours. The seam is `newClient`:
 * pg-pool calls it for every caller, because `_isFull()` says no and `_idle` stays empty.
 */
export class Pool extends PgPool {
  /** Where there are two copies of pg, Drizzle knows a pool by its class's name, which a bundler that minifies would change. */
  static override readonly name = "Pool";

  readonly events = new PoolEventEmitter();
  #config: ResolvedPoolOptions;
  readonly #totals = new Totals();
  readonly #routes: RouteTallies | undefined;
  readonly #log: LimitedLog | undefined;
  readonly #statements: StatementNames | undefined;
  readonly #effects: SessionEffects;
  readonly #pooler: Pooler;
  readonly #hosts: Hosts | undefined;
  readonly #hostWatch: HostWatch | undefined;
  #leaveHosts = () => {};
  readonly #connections: ConnectionSet;
  readonly #sizer: PoolSizer;
  readonly #waitQueue: WaitQueue<AcquireWaiter>;
  readonly #checkouts: Checkouts;
  readonly #nestedAcquires = new NestedAcquireWatch((callSite) =>
    this.events.emit("nestedAcquire", { callSite }),
  );
  #request = BY_DEFAULT;
  #maxReason: SizeReason | undefined;
  #ended: Promise<void> | undefined;

  /**
   * @param ClientClass the class of the connections where `options.Client` does not say.
   * @throws {PoolConfigError} listing every option that is out of bounds.
   */
  constructor(options?: PoolOptions | null, ClientClass?: PoolOptions["Client"]) {
    const config = resolveConfig({
      ...options,
      password: options?.password, // of another pool's options, where it is not enumerable
      Client: options?.Client ?? ClientClass,
    });
    super({ ...config, maxLifetimeSeconds: config.maxLifetimeMs / 1000 });
    this.#config = config;
    inspectAs(this, (inspect) => `Pool ${inspect(this.getStats())}`);
    this.#exposeOptions();
    if (config.route !== undefined) this.#routes = new RouteTallies(config.route);
    if (config.log !== undefined) {
      const { log } = this;
      this.log = (...messages) => callOnlooker("the option log", log, this, messages);
    }
    const autoDisable = config.prepare === "auto";
    const onOff = (losses: number, reason: "names_lost" | "pooler") =>
      this.events.emit("namesOff", { losses, reason });
    this.#statements = config.prepare === "off" ? undefined : new StatementNames({ autoDisable, onOff });
    this.#pooler = new Pooler(config.pooler, () => this.#statements?.distrust());
    this.#effects = new SessionEffects(new Set(config.safeFunctions));
    this.#log = config.logger && limitedLog(config.logger, logContext(config, "pool"));
    if (this.#log !== undefined) {
      logTrouble(this, this.#log);
      logLifecycle(this, this.#log);
    }
    this.#connections = this.#makeConnections();
    this.#sizer = this.#makeSizer();
    this.#hosts = hostsOf(config);
    if (this.#hosts !== undefined) this.#hostWatch = this.#watchHosts(this.#hosts);
    this.#waitQueue = new WaitQueue({
      timeoutError: (timeoutMs) => this.#timeoutError(timeoutMs),
      onLeave: (outcome, waitedMs, error) => {
        this.#totals[outcome]++;
        if (outcome === "timeouts") this.events.emit("acquireTimeout", { waitedMs, error });
        else this.events.emit("acquireCanceled", { waitedMs });
      },
    });
    this.#checkouts = new Checkouts({
      leakThresholdMs: () => this.#config.leakThresholdMs,
      onLeak: (report) => {
        this.#totals.leaked++;
        this.events.emit("leak", report);
      },
      onLeakReturned: (report) => this.events.emit("leakReturned", report),
      onCheckedOut: ({ waitedMs }) => {
        this.#totals.acquired++;
        this.#totals.wait.record(waitedMs);
      },
      onReleased: (connection, checkout, error) => this.#reuse(connection, checkout, error),
    });
    const query = this.query.bind(this) as (...call: unknown[]) => unknown;
    // pg-pool writes the stack anew, message and all, after the connection's release has redacted it.
    const ask = (call: readonly unknown[], timeoutMs?: number) => {
      const statement = { signal: signalOf(call[0]), callSite: callSiteOf(call[0]) };
      const request = { hasClient: false, immediate: true, ...statement, timeoutMs };
      return this.#asking(request, () => query(...call));
    };
    const queryAs = queryAgain(ask, () => this.acquireLimitMs, this.Promise);
    // Assigned, because pg's types spell out nine overloads of the method, and they stay as they are.
    this.query = queryAs as pg.Pool["query"];
  }

  get totalCount(): number {
    return this.#connections.size + this.#sizer.connectingCount;
  }

  get idleCount(): number {
    return this.#connections.idleCount;
  }

  /** Callers for whom no connection is being opened or prepared: as in pg-pool, those do not count as waiting. */
  get waitingCount(): number {
    const { preparingCount, resettingCount } = this.#connections;
    const prepared = this.#sizer.connectingCount + preparingCount + resettingCount;
    return Math.max(0, this.#waitQueue.size - prepared);
  }

  /** How long the caller who came first has waited, in milliseconds; 0 where nobody waits. */
  get oldestWaiterMs(): number {
    return this.#waitQueue.oldestMs;
  }

  get expiredCount(): number {
    return this.#connections.expiredCount;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (this.#ended === undefined) {
      if (callback === undefined) return super.connect();
      // pg-pool's own `query` asks with a callback that needs no context, but where somebody follows its statement.
      const isFollowed = currentAttempt() !== undefined || this.#totals.tally.watcher !== undefined;
      const needsContext = this.#request === BY_DEFAULT || isFollowed;
      return void super.connect(needsContext ? bindCallback(callback) : callback);
    }
    if (callback === undefined) return this.Promise.reject(closedError());
    return void refuse(callback, closedError());
  }

  /** How long a caller waits for a connection who does not say otherwise, in milliseconds. */
  get acquireLimitMs(): number {
    return waitLimitMs(this.#config);
  }

  /** Whether reports need the places that connections and statements are asked from: taking one costs microseconds. */
  get wantsCallSites(): boolean {
    const { leakThresholdMs, slowQueryMs, logger } = this.#config;
    return leakThresholdMs > 0 || (slowQueryMs > 0 && logger !== undefined);
  }

  /** What the pool is doing now; synchronous, no I/O. */
  getStats(): PoolStats {
    const { totalCount, idleCount, waitingCount } = this;
    const { connectingCount } = this.#sizer;
    const { answeredAtMs } = this.#totals.tally;
    const { max, min } = this.#config;
    return {
      totalCount,
      idleCount,
      waitingCount,
      usedCount: totalCount - idleCount - connectingCount,
      connectingCount,
      closingCount: this.#connections.cancellingCount,
      max,
      min,
      ...(this.#maxReason !== undefined && { maxReason: this.#maxReason }),
      ...(answeredAtMs !== undefined && { answeredMsAgo: Math.round(performance.now() - answeredAtMs) }),
    };
  }

  /** What has happened since the pool was made. */
  getTotals(): PoolTotals {
    return this.#totals.snapshot(this.#statements?.totals, this.#routes);
  }

  /** Who holds a connection now, the longest first; synchronous, no I/O. */
  getHolders(): PoolHolder[] {
    return [...this.#checkouts].map(holderOf).sort((one, other) => other.heldMs - one.heldMs);
  }

  /** The servers, where the options name several, or want a role: what is known of each; synchronous, no I/O. */
  getHosts(): PoolHost[] {
    const counts = this.#connections.countByHost();
    return (this.#hosts?.list() ?? []).map((each) => ({
      ...each,
      connections: counts.get(each.server) ?? 0,
    }));
  }

  /**
   * Tells `watcher` of each statement that a caller sends, in the caller's context: for traces. The one before it is told no longer.
   *
   * @returns what ends it.
   */
  watchStatements(watcher: StatementWatcher): () => void {
    const { tally } = this.#totals;
    tally.watcher = watcher;
    return () => {
      if (tally.watcher === watcher) tally.watcher = undefined;
    };
  }

  /**
   * Checks out a connection, like `connect()`, for a caller who may give up. Return it with `client.release()`, or
   * `client.release(true)` to destroy it.
   *
   * @throws {AcquireTimeoutError} none came free in time.
   * @throws {PoolSaturatedError} `maxWaiting` callers wait already, and the caller's tenant has its part of these places.
   * @throws {PoolClosedError} `end()` was called.
   * @throws {NestedAcquireError} every connection is held by somebody who waits for another.
   * @throws the signal's reason.
   */
  acquire({ signal, timeoutMs, tenant, callSite }: AcquireOptions = {}): Promise<pg.PoolClient> {
    const request = { hasClient: true, immediate: true, signal, timeoutMs, tenant, callSite };
    // pg-pool's own promise would come with one more behind it, and only what has failed needs one.
    return new this.Promise((resolve, reject) => {
      const asked: unknown = this.#asking(request, () =>
        this.connect((error, client) =>
          resolve(client ?? tracedRejection<pg.PoolClient>(this.Promise, error as Error)),
        ),
      );
      // Where somebody has put a method of their own in its place, which knows no callback.
      if (isPromise(asked)) asked.then((client) => client && resolve(client as pg.PoolClient), reject);
    });
  }

  /** Opens `min` connections, and from now on replaces those that are lost. @throws what connecting has thrown. */
  async warmUp(): Promise<void> {
    if (this.#ended === undefined) await this.#sizer.warmUp();
  }

  /**
   * Changes the bounds at once: a smaller pool closes idle connections now and others when they come back.
   *
   * @param bounds.reason for the figures, of whoever sizes the pool again and again.
   * @throws {PoolConfigError} they are out of bounds; nothing was changed.
   */
  resize(bounds: { max?: number; min?: number; reason?: SizeReason }): void {
    const { max = this.#config.max, min = this.#config.min } = bounds;
    this.#configure({ max, min });
    this.#maxReason = bounds.reason;
  }

  #configure(changed: PoolOptions): void {
    this.#config = resolveConfig({ ...this.#config, ...changed });
    this.#connections.shrink();
    this.#serve();
  }

  /** Has the options that are read at each use tell what holds, and heed what is assigned to them. */
  #exposeOptions(): void {
    const expose = (name: string, get: () => unknown, set: (value: never) => void) =>
      Object.defineProperty(this.options, name, { get, set, enumerable: true, configurable: true });
    for (const name of LIVE_OPTIONS) {
      const set = (value: never) => this.#configure({ [name]: value });
      expose(name, () => this.#config[name], set);
    }
    // A minimum that was not assigned with it gives way, as pg-pool's does.
    const setMax = (max: number) => this.#configure({ max, min: Math.min(this.#config.min, max) });
    expose("max", () => this.#config.max, setMax);
    const seconds = () => this.#config.maxLifetimeMs / 1000;
    expose("maxLifetimeSeconds", seconds, (value: number) =>
      this.#configure({ maxLifetimeMs: value * 1000 }),
    );
  }

  /** Replaces every connection, softly: idle ones now, others when they come back. */
  drain(): void {
    this.#connections.retireAll();
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

  /** What a listener throws costs no slot: those of `connect` and `acquire` refuse a connection by it, others only look on. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (this.listenerCount(event) === 0 && event !== "error") return false; // as nearly always
    const mayRefuse = event === "connect" || event === "acquire";
    return tellListeners(this, event, values, mayRefuse ? callGatekeeper : callOnlooker);
  }

  /** pg-pool asks before every connect: see `pg/pool-base.ts`. */
  protected _isFull(): boolean {
    return false;
  }

  /** pg-pool's callers arrive here. Decides without awaiting; `callback` is called once, and later unless asked otherwise. */
  protected newClient(pending: PendingItem): void {
    const callback = whileUnderWay(pending.callback);
    const request = this.#request;
    this.#request = BY_DEFAULT; // listeners that are told on the way may ask for themselves
    const held = this.#checkouts.heldBy(this);
    const refusal = this.#refusalOf(request, held);
    if (refusal !== undefined) return void refuse(callback, refusal);
    if (held.length > 0) this.#nestedAcquires.notice();
    const caller = callerOf(request, this.wantsCallSites, this.#routes?.current());

    // First an idle connection, where the caller wants it in this turn.
    const isNext = request.immediate && this.#waitQueue.size === 0;
    const idle = isNext ? this.#connections.takeIdle() : undefined;
    if (idle !== undefined) {
      const client = this.#checkOut(idle, caller, 0);
      if (client instanceof Error) return void refuse(callback, client);
      callBack(() => callback(undefined, client, client.release));
      return;
    }

    // Else a place in the queue, and in the next turn an idle connection.
    const { signal, timeoutMs = this.#sizer.patienceMs(), tenant: group } = request;
    const waiter = new AcquireWaiter(caller, { signal, timeoutMs, group }, held, callback);
    this.#waitQueue.join(waiter);
    if (this.idleCount > 0) {
      process.nextTick(() => {
        this.#serve();
        this.#waitQueue.startClock(waiter);
      });
      return;
    }

    // And perhaps one connection more.
    this.#waitQueue.startClock(waiter);
    this.#sizer.openWhatIsNeeded();
  }

  #refusalOf({ signal, tenant }: AcquireRequest, held: readonly Checkout[]): Error | undefined {
    if (signal?.aborted) return abortReason(signal);
    return deadlock(held, this.#checkouts, this.#config.max) ?? this.#overload(tenant);
  }

  /** Where the queue is full, refuses the caller, or the last of a tenant that has more of its places than the caller's. */
  #overload(tenant: string | undefined): PoolSaturatedError | undefined {
    const { maxWaiting } = this.#config;
    if (this.#waitQueue.size < maxWaiting || this.#connections.readyCount > 0) return undefined;
    const { waitingCount } = this;
    if (waitingCount < maxWaiting) return undefined;
    this.#totals.shed++;
    const error = new PoolSaturatedError(
      `${waitingCount} callers wait for a connection already (DB_POOL_MAX_WAITING)`,
    );
    this.events.emit("shed", { waitingCount, error });
    const crowdedOut = this.#waitQueue.crowdedOutBy(tenant);
    if (crowdedOut === undefined) return error;
    process.nextTick(() => crowdedOut.reject(error));
    return undefined;
  }

  /** Gives idle connections to those who wait, in order, and has more opened where there are too few. */
  #serve(): void {
    while (this.#waitQueue.size > 0) {
      const idle = this.#connections.takeIdle();
      if (idle === undefined) break;
      this.#serveNextWaiter(idle);
    }
    this.#connections.pingIdle(this.#waitQueue.size);
    this.#sizer.openWhatIsNeeded();
  }

  #serveNextWaiter(connection: PooledConnection): boolean {
    const waiter = this.#waitQueue.size > 0 ? this.#waitQueue.next() : undefined;
    if (waiter === undefined) return false;
    // Who asks while listeners hear of a return comes after the moment at which the connection was looked at.
    const waitedMs = Math.max(0, connection.lastSeenAt.monotonicMs - waiter.sinceMs);
    const client = this.#checkOut(connection, waiter, waitedMs);
    if (client instanceof Error) waiter.reject(client);
    else waiter.serve(client);
    return true;
  }

  /** @returns what a listener of `acquire` has refused the connection with; it is destroyed then. */
  #checkOut(connection: PooledConnection, caller: Caller, waitedMs: number): pg.PoolClient | Error {
    const client = this.#checkouts.checkOut(connection, caller, waitedMs);
    try {
      this.emit("acquire", client);
      return client;
    } catch (error) {
      client.release(true);
      return asError(error);
    }
  }

  /** Makes a released connection free again, at once or after a reset, or removes it. */
  #reuse(connection: PooledConnection, checkout: Checkout, error: Error | boolean | undefined): void {
    const { client } = connection;
    const nowMs = performance.now();
    this.#totals.use.record(nowMs - checkout.startedAtMs);
    this.emit("release", error, client);
    if (!error && isReusableNow(client)) {
      if (mayHaveChanged(client)) void this.#connections.reset(connection);
      else this.#connections.free(connection, nowMs);
      return;
    }
    const reason = reasonAtReturn(client, error);
    if (reason !== undefined) this.#connections.destroy(connection, reason);
    else void this.#connections.prepare(connection, () => checkReturned(client, error || undefined));
  }

  #makeConnections(): ConnectionSet {
    return new ConnectionSet({
      config: () => this.#config,
      // A class of the caller's may hand on a copy of them, so here the password is a property like others.
      clientOptions: () => ({
        ...this.options,
        password: this.options.password,
        logger: this.#log,
        statements: this.#statements,
        effects: this.#effects,
        sessionSharing: this.#pooler,
        tally: this.#totals.tally,
      }),
      onFree: (connection) => this.#serveNextWaiter(connection),
      onChange: () => this.#serve(),
      onOpened: (client, tookMs) => {
        this.#totals.created++;
        this.#totals.create.record(tookMs);
        this.log("new client connected");
        this.emit("connect", client);
      },
      onDone: () => this.#totals.tally.noteAnswer(),
      onDestroyed: (reason) => {
        this.#totals.destroyed(reason);
        this.log(PG_POOL_SAYS[reason] ?? `remove client: ${reason}`);
        this.events.emit("destroyed", { reason });
      },
      onClosed: (client) => this.emit("remove", client),
      onLost: (client, error) => {
        redactError(Object.assign(error, { client }));
        this.emit("error", error, client);
      },
      onEnded: (client, lastWord) => this.events.emit("ended", endReport(client, lastWord)),
      onRetired: (generation) => this.events.emit("retired", { generation }),
    });
  }

  #makeSizer(): PoolSizer {
    return new PoolSizer(this.#connections, {
      config: () => this.#config,
      waiting: () => this.#waitQueue.size,
      served: () => this.#totals.acquired,
      onConnect: () => {
        this.#hostWatch?.start();
        this.log("connecting new client");
      },
      onConnectFailure: (error) => {
        this.log("client failed to connect", error);
        const description = describeError(error);
        this.#totals.connectFailed(description.kind);
        this.events.emit("connectFailed", description);
      },
      onRecovered: ({ outageMs, failures }) =>
        this.events.emit("recovered", { outageMs: Math.round(outageMs), failures }),
      onConnectImpossible: (error) => {
        const waiter = this.#waitQueue.next();
        waiter?.reject(error);
        return waiter !== undefined;
      },
      onRefused: (error) => this.#waitQueue.rejectAll(error),
    });
  }

  #watchHosts(hosts: Hosts): HostWatch {
    this.#leaveHosts = hosts.listen({
      onFailed: ({ name: server }, error) =>
        this.events.emit("hostFailed", { server, ...describeError(error) }),
      onRoleChanged: ({ name: server, role: to }, from) =>
        this.events.emit("hostRoleChanged", { server, from, to }),
      onStale: ({ name: server, timeline = "" }, newestTimeline) =>
        this.events.emit("hostFenced", { server, timeline, newestTimeline }),
      onChange: () => this.#connections.leaveWrongHosts(),
    });
    const own = { ...this.options, password: this.options.password, connectionTimeoutMillis: 0 };
    return new HostWatch(hosts, {
      makeClient: (host) => new Client(optionsAt(own, host) as pg.ClientConfig),
      connectLimitMs: () => this.acquireLimitMs,
      isNeeded: () => this.totalCount > 0 || this.#waitQueue.size > 0,
    });
  }

  #timeoutError(timeoutMs: number): Error {
    return acquireTimeout(timeoutMs, this.getStats(), this.#checkouts, this.#sizer);
  }

  async #end(timeoutMs: number): Promise<void> {
    this.log("ending");
    this.ending = true;
    this.#sizer.forgetMinimum();
    this.#serve(); // first those who wait already
    if (this.#waitQueue.size > 0) await this.#connections.caughtUp();
    this.#connections.keepNoneIdle();
    await until(
      () =>
        this.#waitQueue.size === 0 && this.#checkouts.size === 0 && this.#connections.preparingCount === 0,
      timeoutMs,
    );
    this.#waitQueue.rejectAll(closedError());
    this.#sizer.stop();
    this.#leaveHosts();
    const unwatched = this.#hostWatch?.stop();
    await this.#connections.closeAll();
    await unwatched;
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

/** Tells a caller, later, why there is no connection for them. */
function refuse(callback: ConnectCallback, error: Error): void {
  process.nextTick(callback, error, undefined, () => {});
}

/** Until it is called, the work that waits may yet send something. */
function whileUnderWay(callback: ConnectCallback): ConnectCallback {
  const attempt = currentAttempt();
  if (attempt === undefined) return callback;
  attempt.begin();
  return (...told) => {
    try {
      callback(...told);
    } finally {
      attempt.end(false);
    }
  };
}

function endReport(client: pg.PoolClient, lastWord: Error): PoolEvents["ended"][0] {
  const holder = client instanceof Client ? client.holder : undefined;
  const held =
    holder instanceof Checkout
      ? { callSite: String(holder.callSite ?? "unknown"), heldMs: Math.round(holder.heldMs) }
      : {};
  return { ...describeError(lastWord), ...held };
}

function closedError(): PoolClosedError {
  return new PoolClosedError("Cannot use a pool after calling end on the pool: it takes no new work");
}

async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
