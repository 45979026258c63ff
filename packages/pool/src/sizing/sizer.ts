import { type ResolvedPoolOptions, waitLimitMs } from "../config/options.ts";
import { passwordNow } from "../config/password-file.ts";
import type { ConnectionSet } from "../connection/connection-set.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { connectionsToOpen, type SizingState, unservedCallers } from "./connections-to-open.ts";
import { type Attempts, type ConnectFailure, Connector, type Outage } from "./connector.ts";
import { ThroughputEstimate } from "./throughput.ts";

/** An attempt to connect may hang that has taken this part of what a caller waits: there is time for others then. */
const OVERDUE_PART = 1 / 4;
/** Where connecting is known to take long, only one that takes so many times as long may hang. */
const OVERDUE_FACTOR = 3;
/** A server that was slow once does not make a connect that hangs outlast its caller. */
const LATEST_OVERDUE_PART = 1 / 2;
/** What stands for the time that a caller waits where it has no end, in milliseconds. */
const PATIENT_MS = 10_000;

export interface PoolSizerHooks {
  config(): ResolvedPoolOptions;
  /** Callers in the queue. */
  waiting(): number;
  /** Callers who were served, ever. */
  served(): number;
  onConnect(): void;
  onConnectFailure(error: Error): void;
  onRecovered(outage: Outage): void;
  /** Connecting failed for good, and no connection is left. @returns whether somebody was told, who waits no longer. */
  onConnectImpossible(error: Error): boolean;
  /** The server refuses to sign in, and those who wait would wait in vain. */
  onRefused(error: Error): void;
}

/** The database is not there: another attempt is all that can mend it, and no caller who gives a connection back. */
const AWAY: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "connection_refused",
  "connection_lost",
  "dns",
  "not_accepting",
  "read_only",
  "shutting_down",
  "starting_up",
  "timeout",
]);
/** How long a caller waits who comes to a database that has long been away: enough for an attempt or two, in milliseconds. */
const AWAY_PATIENCE_MS = 500;
/** The last failure says that it still is, for so long, in milliseconds. */
const AWAY_COUNTS_MS = 10_000;
/** So many times as long as connecting took, where that is longer. */
const AWAY_PATIENCE_FACTOR = 2;

/** While sign-ins are refused, callers wait as long as what is open serves anybody: until it has not for so long, in milliseconds. */
const REFUSED_PATIENCE_MS = 500;

/** Keeps as many connections open as are needed: counts, asks {@link connectionsToOpen}, and has them opened. */
export class PoolSizer {
  readonly #connections: ConnectionSet;
  readonly #connector: Connector;
  readonly #throughput: ThroughputEstimate;
  readonly #hooks: PoolSizerHooks;
  #keepsMinimum = false;
  #patience: NodeJS.Timeout | undefined;
  /** How many callers had been served when one was last seen to be, and when that was. */
  #lastServed = { count: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(connections: ConnectionSet, hooks: PoolSizerHooks) {
    this.#connections = connections;
    this.#hooks = hooks;
    this.#throughput = new ThroughputEstimate({
      served: hooks.served,
      connectMs: () => connections.connectMs,
      onSample: () => this.openWhatIsNeeded(),
    });
    const { passwordFile } = hooks.config();
    this.#connector = new Connector({
      toOpen: (attempts) => connectionsToOpen(this.#state(attempts)).count,
      overdueAfterMs: () => this.#overdueAfterMs(),
      hasWaiters: () => hooks.waiting() > 0,
      connect: () => {
        hooks.onConnect();
        return connections.open();
      },
      classify: classifyError,
      onFailure: hooks.onConnectFailure,
      onRecovered: hooks.onRecovered,
      onPermanentFailure: (error) => connections.size === 0 && hooks.onConnectImpossible(error),
      onRefused: (error) => this.#onRefused(error),
      signsInWith: passwordFile === undefined ? undefined : () => passwordNow(passwordFile),
    });
  }

  /** Attempts to connect that are under way. */
  get connectingCount(): number {
    return this.#connector.connecting;
  }

  /** Of the last attempt to connect, if that has failed. */
  get lastFailure(): ConnectFailure | undefined {
    return this.#connector.lastFailure;
  }

  /**
   * How long somebody waits who comes now and has not said how long, in milliseconds. Where the database has been away for as long as
   * anybody waits, those who came first have waited in vain; who comes then waits for an attempt or two only, and is served by the
   * first that succeeds. What nobody has tried of late says nothing: a database that sleeps is slow to wake.
   */
  patienceMs(): number {
    const limitMs = waitLimitMs(this.#hooks.config());
    const { outage, lastFailure } = this.#connector;
    if (outage === undefined || lastFailure === undefined || this.#connections.size > 0) return limitMs;
    const isAway = AWAY.has(classifyError(lastFailure.error).kind);
    const isRecent = performance.now() - lastFailure.atMs < AWAY_COUNTS_MS;
    if (!isAway || !isRecent || outage.outageMs < limitMs) return limitMs;
    return Math.min(limitMs, Math.max(AWAY_PATIENCE_MS, AWAY_PATIENCE_FACTOR * this.#connections.connectMs));
  }

  get outage(): Outage | undefined {
    return this.#connector.outage;
  }

  /** Call it whenever there are more callers, fewer connections, or there is more room. */
  openWhatIsNeeded(): void {
    this.#connector.fill();
  }

  /** Opens `min` connections, and from now on replaces those that are lost. @throws what connecting has thrown. */
  async warmUp(): Promise<void> {
    this.#keepsMinimum = true;
    this.openWhatIsNeeded();
    const { refusal } = this.#connector;
    if (refusal !== undefined) throw refusal;
    while (this.#connections.size < this.#hooks.config().min && (await this.#connector.attemptSettled())) {
      if (this.lastFailure !== undefined) throw this.lastFailure.error;
    }
  }

  /** Replaces what is lost no longer. */
  forgetMinimum(): void {
    this.#keepsMinimum = false;
  }

  /** Opens no more. */
  stop(): void {
    this.#connector.stop();
    this.#throughput.reset();
    clearTimeout(this.#patience);
  }

  /** Tells those who wait, unless what is open will do for them. */
  #onRefused(error: Error): void {
    const state = this.#state({ connecting: 0, overdue: 0, hasFailed: false });
    if (connectionsToOpen(state).reason !== "waiter") return;
    const patienceMs = state.open === 0 ? 0 : this.#patienceMs();
    if (patienceMs === 0) {
      process.nextTick(() => this.#hooks.onRefused(error)); // nobody is called back within their own call
      return;
    }
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      this.openWhatIsNeeded();
    }, patienceMs).unref();
  }

  #patienceMs(): number {
    if (this.#connections.preparingCount > 0) return REFUSED_PATIENCE_MS;
    const nowMs = performance.now();
    const count = this.#hooks.served();
    if (count !== this.#lastServed.count) this.#lastServed = { count, atMs: nowMs };
    return Math.max(0, this.#lastServed.atMs + REFUSED_PATIENCE_MS - nowMs);
  }

  #overdueAfterMs(): number {
    const waitMs = this.#hooks.config().connectionTimeoutMillis || PATIENT_MS;
    const slowMs = OVERDUE_FACTOR * this.#connections.connectMs;
    return Math.min(waitMs * LATEST_OVERDUE_PART, Math.max(waitMs * OVERDUE_PART, slowMs));
  }

  #state({ connecting, overdue, hasFailed }: Attempts): SizingState {
    const { size: open, idleCount: idle, preparingCount, doubtfulCount, cancellingCount } = this.#connections;
    const { min, max } = this.#hooks.config();
    const state = {
      waiting: this.#hooks.waiting(),
      servedMeanwhile: 0,
      open,
      idle,
      preparing: preparingCount - doubtfulCount,
      connecting,
      overdue,
      hasFailed,
      cancelling: cancellingCount,
      min: this.#keepsMinimum ? min : 0,
      max,
    };
    const unserved = unservedCallers(state);
    if (unserved <= 0) this.#throughput.reset();
    if (unserved > 0 && open > 0) state.servedMeanwhile = this.#throughput.servedMeanwhile();
    return state;
  }
}
