import type pg from "pg";
import { isError } from "../async/is-error.ts";
import { MAX_TIMER_MS } from "../async/timer.ts";
import { type ResolvedPoolOptions, waitLimitMs } from "../config/options.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { isUnsent } from "../errors/unsent.ts";
import type { Host } from "../hosts/host.ts";
import { type Hosts, hostsOf, optionsAt } from "../hosts/hosts.ts";
import { ReportedRole } from "../hosts/reported-role.ts";
import { isAlive, isReady, onDone, onLastWord, ref, unref } from "../pg/internals.ts";
import { outsideAttempts } from "../query/attempt.ts";
import { requestCancel } from "../query/cancel-request.ts";
import { Client } from "../query/client.ts";
import { sessionSettingsSql } from "../sql/session-settings.ts";
import type { DestroyReason } from "../telemetry/stats.ts";
import { closeConnection } from "./close.ts";
import { Housekeeper } from "./housekeeper.ts";
import { IdleStack } from "./idle-stack.ts";
import { LoopWatch } from "./loop-watch.ts";
import { makeClient, openConnection } from "./open.ts";
import { ping } from "./ping.ts";
import { PooledConnection } from "./pooled-connection.ts";
import { markUnchanged, resetSession } from "./reset.ts";
import { watchServerRole } from "./server-role.ts";
import { rememberSetUp } from "./setup-replay.ts";

/** A connection that was idle, or held, longer is pinged before it is checked out, in milliseconds. */
const PING_AFTER_MS = 1_000;
/** What makes a connection ready is late when it takes longer than the last connect, and at least so long, in milliseconds. */
const SHORTEST_DELAY_MS = 100;
/** A connect may take this much longer than a caller waits: it outlives whoever made it necessary. */
const CONNECT_LIMIT_FACTOR = 2;

/** An attempt that takes longer than this part of what a caller waits, or than that, may hang: the next goes to another host. In milliseconds. */
const HANGS_PART = 1 / 4;
const HANGS_AFTER_MS = 1_000;

/** SQLSTATEs of a server that has lost every connection it had: crash_shutdown, cannot_connect_now. */
const LOST_ALL: ReadonlySet<string | undefined> = new Set(["57P02", "57P03"]);

/** What a pooler says of a server that is away, and not of one that is busy: what it would hear of one connection holds for all. */
const SERVER_AWAY: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["connection_refused", "shutting_down"]);

/** All connections are replaced for a server's change of roles so often at most, in milliseconds: the next may lead to the same server. */
const ROLE_CHANGE_EVERY_MS = 5_000;

export interface ConnectionSetHooks {
  config(): ResolvedPoolOptions;
  /** What the next client is made with. */
  clientOptions(): object;
  /** A connection is free. @returns whether somebody took it. */
  onFree(connection: PooledConnection): boolean;
  /** A connection is gone, or its place is. */
  onChange(): void;
  onOpened(client: pg.PoolClient, tookMs: number): void;
  /** The server has done what a statement asked for, on a connection that does not count its statements. */
  onDone(): void;
  onDestroyed(reason: DestroyReason): void;
  /** Its socket is closed. */
  onClosed(client: pg.PoolClient): void;
  /** An idle connection was lost. */
  onLost(client: pg.PoolClient, error: Error): void;
  /** The server has ended the session of a connection that somebody holds, and has said why. */
  onEnded(client: pg.PoolClient, lastWord: Error): void;
  /** Every connection is being replaced. */
  onRetired(generation: number): void;
}

/** A connection that is being opened. */
interface Attempt {
  /** Which of several servers it goes to. */
  readonly host: Host | undefined;
  /** It has taken so long that it may never end. */
  hangs: boolean;
}

/**
 * The pool's connections: opened, idle, pinged, replaced, closed. Who gets one, and how many there are, is not decided here.
 *
 * One that fails says something of the others: when the server went away all are replaced, when a single one was lost the
 * others are pinged before their next use; when one is late to answer, they are pinged at once.
 */
export class ConnectionSet {
  readonly #hooks: ConnectionSetHooks;
  /** Where there are several servers. */
  readonly #hosts: Hosts | undefined;
  readonly #all = new Set<PooledConnection>();
  readonly #idle = new IdleStack<PooledConnection>();
  readonly #opening = new Map<pg.PoolClient, Attempt>();
  readonly #closings = new Set<Promise<void>>();
  readonly #pinged = new Set<PooledConnection>();
  /** Being pinged, reset or looked at, and late, or another one was. */
  readonly #doubtful = new Set<PooledConnection>();
  readonly #loop = new LoopWatch(() => this.#hooks.onChange());
  readonly #housekeeper = new Housekeeper(() => this.#runHousekeeping());
  #generation = 0;
  #preparingCount = 0;
  #resettingCount = 0;
  #cancellingCount = 0;
  #connectMs = 1;
  /** A pooler has said that its server is away, and signs in whoever comes all the same: who is signed in says nothing of the server. */
  #isServerAway = false;
  #roleChangedAtMs = Number.NEGATIVE_INFINITY;
  #closesWhenIdle = false;
  #closed = false;
  #isLettingGo = false;

  constructor(hooks: ConnectionSetHooks) {
    this.#hooks = hooks;
    this.#hosts = hostsOf(hooks.config());
  }

  get size(): number {
    return this.#all.size;
  }

  /** Nobody holds them. Those that are being reset are among them: they serve when the server has answered. */
  get idleCount(): number {
    return this.#idle.size + this.#resettingCount;
  }

  /** Idle, and may be checked out in this turn. */
  get readyCount(): number {
    return this.#idle.size;
  }

  get resettingCount(): number {
    return this.#resettingCount;
  }

  /** Checked out although they are too old to be checked out again. */
  get expiredCount(): number {
    const now = performance.now();
    return [...this.#all].filter(({ expiresAtMs }) => now >= expiresAtMs).length;
  }

  /** Being pinged, or looked at after an error: they will serve somebody shortly. */
  get preparingCount(): number {
    return this.#preparingCount;
  }

  /** Being pinged, reset or looked at, and as likely dead as not. */
  get doubtfulCount(): number {
    return this.#doubtful.size;
  }

  /** Closed with a statement under way: they count against `max` until the server was told to stop it. */
  get cancellingCount(): number {
    return this.#cancellingCount;
  }

  /** How long the last connect took, in milliseconds; at least 1. */
  get connectMs(): number {
    return this.#connectMs;
  }

  /** Opens one connection. @returns what makes it free for whoever needs it by then, or throws what a listener refuses it with. */
  async open(): Promise<() => void> {
    const {
      Client: ClientClass = Client,
      onConnect,
      check,
      verify,
      session,
      maxLifetimeMs,
      ...config
    } = this.#hooks.config();
    const sessionSql = sessionSettingsSql(session);
    const hangsAfterMs = Math.min(HANGS_AFTER_MS, HANGS_PART * waitLimitMs(config));
    const host = this.#hosts?.pick(hangsAfterMs);
    const clientOptions = this.#hooks.clientOptions();
    const client = makeClient(ClientClass, host ? optionsAt(clientOptions, host) : clientOptions, config);
    const admit = this.#judgeHost(client, host);
    const endAttempt = host && this.#hosts?.begin(host);
    const limitMs = Math.min(CONNECT_LIMIT_FACTOR * waitLimitMs(config), MAX_TIMER_MS);
    const startedAtMs = performance.now();
    const generation = this.#generation;
    const attempt: Attempt = { host, hangs: false };
    this.#opening.set(client, attempt);
    const onHang = () => {
      attempt.hangs = true;
      this.#leaveHangingHosts();
    };
    const timer = host && setTimeout(onHang, hangsAfterMs).unref();
    watchServerRole(client, () => this.#onRoleChange(generation));
    onLastWord(client, (word) => this.#hearLastWord(word));
    try {
      const mustAnswer = () => this.#isServerAway || this.#all.size + this.#opening.size > 1;
      const steps = { limitMs, admit, sessionSql, onConnect, check, verify, mustAnswer };
      await outsideAttempts(() => openConnection(client, steps));
      this.#isServerAway = false;
      endAttempt?.();
    } catch (error) {
      endAttempt?.(error);
      if (!this.#closed && this.#all.size > 0) this.#doubtOthers(error);
      throw error;
    } finally {
      this.#opening.delete(client);
      clearTimeout(timer);
    }
    const tookMs = performance.now() - startedAtMs;
    this.#connectMs = Math.max(1, tookMs);
    return () => {
      const connection = new PooledConnection(client, generation, maxLifetimeMs, host);
      this.#all.add(connection);
      client.on("error", (error) => this.#onError(connection, error));
      client.on("end", () => connection.isCheckedOut || this.destroy(connection, "lost"));
      if (!(client instanceof Client)) onDone(client, this.#hooks.onDone);
      this.#preparingCount++; // while listeners are told: it will serve somebody shortly
      try {
        this.#hooks.onOpened(client, tookMs);
      } catch (error) {
        this.#preparingCount--;
        this.destroy(connection, "error"); // a listener has refused it, or has not done with it what makes it fit for use
        throw error;
      }
      this.#preparingCount--;
      rememberSetUp(client, sessionSql, onConnect && (() => onConnect(client)), limitMs);
      markUnchanged(client);
      this.free(connection);
    };
  }

  /** Takes an idle connection that may be checked out as it is, whatever becomes of others. */
  takeIdle(): PooledConnection | undefined {
    if (this.#idle.size === 0) return undefined;
    const nowMs = performance.now();
    const wallMs = Date.now();
    if (!this.#loop.isCurrent(nowMs, wallMs)) return undefined;
    const connection = this.#idle.take(
      (each) => !needsPing(each, nowMs, wallMs) && this.#reasonNotToReuse(each, nowMs) === undefined,
    );
    if (connection === undefined) return undefined;
    connection.lastSeenAt.set(nowMs, wallMs);
    this.#take(connection);
    return connection;
  }

  /** Has idle connections that may not be checked out as they are tested, one for each who waits. */
  pingIdle(waiting: number): void {
    while (this.#hopefulPings() < waiting && this.#loop.isCurrent(performance.now(), Date.now())) {
      const connection = this.#idle.take(() => true);
      if (connection === undefined) return;
      this.#take(connection);
      const reason = this.#reasonNotToReuse(connection);
      if (reason !== undefined) this.destroy(connection, reason);
      else void this.#ping(connection);
    }
  }

  /** Pings whose answer is not late, so that somebody may be served by it. */
  #hopefulPings(): number {
    let count = 0;
    for (const connection of this.#pinged) if (!this.#doubtful.has(connection)) count++;
    return count;
  }

  #take(connection: PooledConnection): void {
    connection.isCheckedOut = true;
    if (connection.holdsProcess) return;
    connection.holdsProcess = true;
    ref(connection.client);
  }

  /** A connection is free: for somebody who waits, or idle. */
  free(connection: PooledConnection, nowMs = performance.now()): void {
    const reason = this.#reasonNotToReuse(connection, nowMs);
    const wallMs = Date.now();
    const isCurrent = this.#closesWhenIdle || this.#loop.isCurrent(nowMs, wallMs);
    if (reason !== undefined) this.destroy(connection, reason);
    else if (isOutOfSight(connection, nowMs, wallMs)) void this.#ping(connection);
    else {
      connection.lastSeenAt.set(nowMs, wallMs);
      // What is read first after a process stood still are the answers; the news that the backends are gone comes later.
      if (!isCurrent || !this.#hooks.onFree(connection)) this.#keepIdle(connection, nowMs);
    }
  }

  #keepIdle(connection: PooledConnection, nowMs: number): void {
    if (this.#closesWhenIdle) {
      this.destroy(connection, "closed");
      return;
    }
    connection.isCheckedOut = false;
    this.#idle.push(connection, nowMs);
    if (!this.#isLettingGo) this.#letGo();
  }

  /**
   * Does what is due where connections stay idle: most that become so are taken again in the same turn of the event loop. Whoever is
   * done ends; a caller who waits, or holds a connection, keeps the process by a timer or by that.
   */
  #letGo(): void {
    this.#isLettingGo = true;
    setImmediate(() => {
      this.#isLettingGo = false;
      const mayExit = this.#hooks.config().allowExitOnIdle !== false;
      const nowMs = performance.now();
      for (const connection of this.#idle) {
        this.#housekeeper.arm(this.#dueInMs(connection, nowMs), nowMs);
        if (!mayExit || !connection.holdsProcess) continue;
        connection.holdsProcess = false;
        unref(connection.client);
      }
    });
  }

  /** Does something with a connection that nobody holds, after which it is free again, or closed for a reason. */
  async prepare(
    connection: PooledConnection,
    work: () => Promise<DestroyReason | undefined>,
    onLate = () => {},
  ): Promise<void> {
    connection.isCheckedOut = true;
    this.#preparingCount++;
    const reason = await this.#watched(connection, outsideAttempts(work), onLate);
    this.#preparingCount--;
    if (reason === undefined) this.free(connection);
    else this.destroy(connection, reason);
  }

  /** Undoes what a holder may have changed. The connection is idle meanwhile, and serves nobody before the server's answer. */
  async reset(connection: PooledConnection): Promise<void> {
    connection.isCheckedOut = true;
    this.#setResetting(connection, true);
    const isReset = await this.#watched(
      connection,
      outsideAttempts(() => resetSession(connection.client)),
    );
    this.#setResetting(connection, false);
    if (isReset) this.free(connection);
    else this.destroy(connection, "reset_failed");
  }

  /** Nobody waits for a connection in vain for which another one would have been opened by then. */
  async #watched<T>(connection: PooledConnection, work: Promise<T>, onLate = () => {}): Promise<T> {
    const timer = setTimeout(
      () => {
        if (!this.#all.has(connection)) return;
        this.#doubtful.add(connection);
        onLate();
        this.#hooks.onChange();
      },
      Math.max(SHORTEST_DELAY_MS, this.#connectMs),
    ).unref();
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      this.#doubtful.delete(connection);
    }
  }

  #setResetting(connection: PooledConnection, isResetting: boolean): void {
    if (connection.isResetting === isResetting) return;
    connection.isResetting = isResetting;
    this.#resettingCount += isResetting ? 1 : -1;
  }

  /** Takes a connection out of the pool and closes it. */
  destroy(connection: PooledConnection, reason: DestroyReason): void {
    if (!this.#all.delete(connection)) return;
    this.#idle.remove(connection);
    this.#doubtful.delete(connection);
    this.#setResetting(connection, false);
    this.#hooks.onDestroyed(reason);
    const closing: Promise<void> = this.#close(connection.client).finally(() =>
      this.#closings.delete(closing),
    );
    this.#closings.add(closing);
    this.#hooks.onChange();
  }

  /** How many there are to each of several hosts, by its name. */
  countByHost(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { host } of this.#all)
      if (host !== undefined) counts.set(host.name, (counts.get(host.name) ?? 0) + 1);
    return counts;
  }

  /** Replaces every connection there is, softly: idle ones now, others when they come back. */
  retireAll(): void {
    this.#generation++;
    for (const connection of this.#idle) this.destroy(connection, "retired");
    // What is being reset or pinged is closed when that has ended, and serves nobody.
    for (const connection of this.#all)
      if (connection.isResetting || this.#pinged.has(connection)) this.#doubtful.add(connection);
    this.#hooks.onRetired(this.#generation);
    this.#hooks.onChange();
  }

  /**
   * Leaves hosts that are not the right ones any more. Connections to one whose primary was replaced are cut at once, whoever holds
   * them: what is still written there is lost.
   */
  leaveWrongHosts(): void {
    const hosts = this.#hosts;
    if (hosts === undefined) return;
    for (const connection of [...this.#all])
      if (connection.host !== undefined && hosts.isStale(connection.host)) this.#fence(connection);
    for (const connection of this.#idle)
      if (connection.host !== undefined && !hosts.serves(connection.host))
        this.destroy(connection, "retired");
    this.#leaveHangingHosts();
  }

  /** An attempt at a host that may hang keeps nobody from one that is known to be right: each has a place that counts against `max`. */
  #leaveHangingHosts(): void {
    const hosts = this.#hosts;
    if (hosts === undefined || !hosts.all.some((host) => hosts.isKnownRight(host))) return;
    for (const [client, { host, hangs }] of this.#opening) {
      if (host === undefined || !hangs || hosts.isKnownRight(host)) continue;
      const reason = new Error(`${host.name} is slow to answer, and another host has answered`);
      client.connection.stream.destroy(Object.assign(reason, { code: "ETIMEDOUT", syscall: "connect" }));
    }
  }

  #fence(connection: PooledConnection): void {
    const { client, host } = connection;
    if (connection.isCheckedOut) {
      // What runs there may hold locks; but what it answers from now on is not heard.
      if (!isReady(client)) void requestCancel(client as unknown as pg.Client);
      const reason = new Error(`${host?.name} was replaced as the primary, and its connections were cut`);
      client.connection.stream.destroy(Object.assign(reason, { code: "ECONNRESET", syscall: "read" }));
    }
    this.destroy(connection, "fenced");
  }

  #judgeHost(client: pg.PoolClient, host: Host | undefined): (() => Promise<void>) | undefined {
    const hosts = this.#hosts;
    if (hosts === undefined || host === undefined) return undefined;
    const reported = new ReportedRole(client, (seen) => hosts.note(host, seen));
    return () => reported.admit(hosts, host);
  }

  /** Resolves when idle connections have been lent that could not be before the event loop had caught up. */
  caughtUp(): Promise<void> {
    return this.#loop.caughtUp();
  }

  /** Closes idle connections now, and from now on each that nobody waits for when it comes back. */
  keepNoneIdle(): void {
    this.#closesWhenIdle = true;
    for (const connection of this.#idle) this.destroy(connection, "closed");
  }

  /** Closes idle connections above `max`. */
  shrink(): void {
    for (const connection of this.#idle)
      if (this.#all.size > this.#hooks.config().max) this.destroy(connection, "shrunk");
  }

  /** Closes all, whoever holds them, and resolves when the sockets are closed. */
  async closeAll(): Promise<void> {
    this.#closed = true;
    this.#housekeeper.stop();
    for (const client of this.#opening.keys()) client.connection.stream.destroy();
    for (const connection of [...this.#all]) this.destroy(connection, "closed");
    await Promise.all(this.#closings);
  }

  /** A pooler speaks of its server, and not of one connection: from now on each has to answer before it is lent. */
  #hearLastWord(word: Error): void {
    if (!isUnsent(word) || !SERVER_AWAY.has(classifyError(word).kind)) return;
    this.#isServerAway = true;
    for (const connection of this.#all) connection.needsPing = true;
  }

  /** @param generation of the connection that has noticed: those of before a change are being replaced already. */
  #onRoleChange(generation: number): void {
    const nowMs = performance.now();
    if (generation < this.#generation || nowMs - this.#roleChangedAtMs < ROLE_CHANGE_EVERY_MS) return;
    this.#roleChangedAtMs = nowMs;
    this.retireAll();
  }

  /** @param error of a connection that was lost, or could not be opened. */
  #doubtOthers(error: unknown): void {
    if (LOST_ALL.has(classifyError(error).sqlstate)) this.retireAll();
    else for (const connection of this.#all) connection.needsPing = true;
  }

  /** Why a connection may not be checked out again, if it may not. */
  #reasonNotToReuse(
    { client, expiresAtMs, generation, uses, host }: PooledConnection,
    nowMs = performance.now(),
  ): DestroyReason | undefined {
    const { max, maxUses = Number.POSITIVE_INFINITY } = this.#hooks.config();
    if (this.#closed) return "closed";
    if (!isAlive(client)) return "lost";
    if (generation < this.#generation) return "retired";
    if (host !== undefined && this.#hosts?.serves(host) === false) return "retired";
    if (nowMs >= expiresAtMs) return "expired";
    if (uses >= maxUses) return "used_up";
    if (this.#all.size > max) return "shrunk";
    return undefined;
  }

  #ping(connection: PooledConnection): Promise<void> {
    this.#pinged.add(connection);
    const work = async () => {
      const answers = await ping(connection.client);
      this.#pinged.delete(connection);
      if (!answers) {
        this.#pingOthers();
        return "ping_failed";
      }
      connection.needsPing = false;
      connection.lastSeenAt.set(performance.now(), Date.now());
      return undefined;
    };
    return this.prepare(connection, work, () => this.#pingOthers());
  }

  /** One does not answer: a network that forgets connections forgets many. All are pinged now, and nobody waits for them. */
  #pingOthers(): void {
    for (const connection of this.#all) connection.needsPing = true;
    for (const connection of this.#idle) {
      this.#idle.remove(connection);
      this.#take(connection);
      void this.#ping(connection);
    }
    for (const connection of this.#pinged) this.#doubtful.add(connection);
  }

  #onError(connection: PooledConnection, error: Error): void {
    if (connection.isCheckedOut) {
      this.#tellEnd(connection); // whoever holds it learns of it
      return;
    }
    this.destroy(connection, "lost");
    this.#doubtOthers(error);
    this.#hooks.onLost(connection.client, error);
  }

  #tellEnd(connection: PooledConnection): void {
    const { client, isEndTold } = connection;
    const lastWord = "lastWord" in client ? client.lastWord : undefined;
    if (isEndTold || !isError(lastWord)) return;
    connection.isEndTold = true;
    this.#hooks.onEnded(client, lastWord);
  }

  async #close(client: pg.PoolClient): Promise<void> {
    await closeConnection(client, (isCancelling) => {
      this.#cancellingCount += isCancelling ? 1 : -1;
      if (!isCancelling) this.#hooks.onChange();
    });
    this.#hooks.onClosed(client);
  }

  /** Closes what has been idle or alive for too long. @returns in how many milliseconds to look again. */
  #runHousekeeping(): number {
    const { idleTimeoutMillis, min } = this.#hooks.config();
    let dueInMs = Number.POSITIVE_INFINITY;
    for (const connection of this.#idle) {
      const reason = this.#reasonNotToReuse(connection);
      const overdue =
        idleTimeoutMillis > 0 && performance.now() - connection.idleSinceMs >= idleTimeoutMillis;
      if (reason !== undefined) this.destroy(connection, reason);
      else if (overdue && this.#all.size > min) this.destroy(connection, "idle");
      else dueInMs = Math.min(dueInMs, this.#dueInMs(connection));
    }
    return dueInMs;
  }

  /** When an idle connection comes due, on account of its age or its idleness. */
  #dueInMs({ expiresAtMs, idleSinceMs }: PooledConnection, nowMs = performance.now()): number {
    const { idleTimeoutMillis, min } = this.#hooks.config();
    const closesWhenIdle = idleTimeoutMillis > 0 && this.#all.size > min;
    const idleDueInMs = closesWhenIdle
      ? Math.max(0, idleSinceMs + idleTimeoutMillis - nowMs)
      : Number.POSITIVE_INFINITY;
    return Math.min(expiresAtMs - nowMs, idleDueInMs);
  }
}

/** Whether so much time has gone by since it was last seen that it may be gone unnoticed. */
function isOutOfSight({ lastSeenAt }: PooledConnection, nowMs: number, wallMs: number): boolean {
  return lastSeenAt.msUntil(nowMs, wallMs) > PING_AFTER_MS;
}

function needsPing(connection: PooledConnection, nowMs: number, wallMs: number): boolean {
  return connection.needsPing || isOutOfSight(connection, nowMs, wallMs);
}
