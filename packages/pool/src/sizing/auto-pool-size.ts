import type pg from "pg";
import { DEFAULT_MAX, type PoolerMode } from "../config/options.ts";
import type { ErrorKind } from "../errors/classify.ts";
import { BUDGET, type BudgetRow, LOOK_EVERY_MS, LOOK_LEAST_MS } from "../health/connection-budget.ts";
import { leastLimit } from "../health/connection-limits.ts";
import { type Histogram, quantileMs } from "../telemetry/histogram.ts";
import { type Logger, writeLine } from "../telemetry/logger.ts";
import type { PoolStats, PoolTotals, SizeReason } from "../telemetry/stats.ts";
import { type AutoSizeState, autoSize } from "./auto-size.ts";

/** So many looks the quickest of them counts: what callers ask for changes in the course of a day. */
const LOOKS_KEPT = 60;
/** Fewer statements than these say nothing of how quick the server is. */
const FEWEST_STATEMENTS = 20;

/** What is needed of a pool to size it. */
export interface SizedPool {
  readonly options: object;
  readonly events: {
    on(event: "connectFailed", listener: (failure: { readonly kind: ErrorKind }) => void): unknown;
    off(event: "connectFailed", listener: (failure: { readonly kind: ErrorKind }) => void): unknown;
  };
  getStats(): PoolStats;
  getTotals(): PoolTotals;
  resize(bounds: { max: number; reason: SizeReason }): void;
}

/** Where callers wait before they come to the pool's own queue: the share that a kind of work has of it. */
export interface ShareOfPool {
  getTotals(): Waits;
  /** How large it is in a pool of so many connections. */
  maxOf(poolMax: number): number;
}

type Waits = Pick<PoolTotals, "wait" | "timeouts" | "shed">;

export interface AutoPoolSizeOptions {
  readonly logger?: Logger | undefined;
  /** Connections of this process to the same server beside the pool's: see `connectionsBeside`. @default 1 */
  readonly beside?: number;
  /** Whose callers count as well, where a larger pool would make their share larger. */
  readonly shares?: readonly ShareOfPool[];
}

/** What the look is told of the fleet. */
type Fleet = Pick<AutoSizeState, "instances" | "limit"> & { readonly limitedBy?: string };

/**
 * `DB_POOL_MAX=auto`: sizes a pool by what the server allows, how many instances share it, how long callers wait, and whether the
 * server is slower for serving more at once ({@link autoSize}). Once a minute, and at once where the server has no connection left.
 *
 * Each change is in the log as `db.pool.sized`, and in the pool's figures as `max` and `maxReason`. Instances are counted as
 * {@link ConnectionBudget} counts them. Behind a pooler, whose limits are not the server's, the pool gets the usual size, and the log
 * says so.
 */
export class AutoPoolSize {
  readonly #pool: SizedPool;
  readonly #logger: Logger | undefined;
  readonly #beside: number;
  readonly #shares: readonly ShareOfPool[];
  readonly #leastRuns: number[] = [];
  #fleet: Fleet = { instances: 1, limit: Number.POSITIVE_INFINITY };
  #runBefore: Histogram | undefined;
  /** What each queue told at the last look: the pool's own, and those of shares. */
  readonly #waitsBefore = new Map<object, Waits>();
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isStarting = true;
  #grownFrom: number | undefined;
  #isOff = false;
  /** The server has refused a connection since the last look, and the pool was made smaller for it. */
  #wasRefused = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #onConnectFailed = ({ kind }: { readonly kind: ErrorKind }) => {
    if (kind !== "too_many_connections" || this.#wasRefused || this.#isOff) return;
    this.#wasRefused = true;
    setImmediate(() => this.#resize({ wasRefused: true, waitMs: 0, runMs: undefined })); // the pool is in the midst of its failure now
  };

  /** @param pool one of as many connections as it is to begin with. */
  constructor(pool: SizedPool, { logger, beside = 1, shares = [] }: AutoPoolSizeOptions = {}) {
    this.#pool = pool;
    this.#logger = logger;
    this.#beside = beside;
    this.#shares = shares;
    pool.events.on("connectFailed", this.#onConnectFailed);
    const { pooler } = pool.options as { readonly pooler?: PoolerMode };
    if (pooler === "transaction" || pooler === "session") this.#turnOff();
    else pool.resize({ max: pool.getStats().max, reason: "start" });
  }

  /**
   * For a health probe's `ask`: looks at most once a minute. Never throws, as a size makes nobody unhealthy.
   *
   * @param nowMs on the clock of `performance.now()`.
   */
  async look(client: pg.ClientBase, nowMs = performance.now()): Promise<void> {
    if (this.#isOff || nowMs - this.#lookedAtMs < LOOK_LEAST_MS) return;
    const row = await client.query<BudgetRow>(BUDGET).then(
      ({ rows }) => rows[0],
      () => undefined, // the probe's own question says what is wrong with the connection
    );
    if (row === undefined || this.#isOff) return; // it may have been stopped meanwhile
    if ("processID" in client && row.pid !== client.processID) return this.#turnOff();
    this.#lookedAtMs = nowMs;
    this.#fleet = { instances: Math.max(1, row.instances), ...leastLimit(row) };
    const seen = this.#seen();
    // A refusal is told again and again until those that are too many are closed: it counts once in a minute.
    const hasJustShrunk = this.#wasRefused;
    this.#wasRefused = false;
    this.#resize({ wasRefused: false, ...seen, ...(hasJustShrunk && { waitMs: 0 }) });
  }

  /**
   * Has `ask` called now and each minute in which somebody has used the pool, or wanted to: what it asks comes to {@link look}. A database that
   * nobody uses is left to sleep. The timer keeps no process running.
   */
  keepLooking(ask: () => Promise<unknown>): void {
    if (this.#isOff) return;
    void ask();
    let before = 0;
    this.#timer = setInterval(() => {
      const { acquired, timeouts, shed } = this.#pool.getTotals();
      const now = acquired + timeouts + shed;
      if (now !== before || this.#pool.getStats().waitingCount > 0) void ask();
      before = now;
    }, LOOK_EVERY_MS).unref();
  }

  /** Leaves the pool as it is from now on. */
  stop(): void {
    this.#isOff = true;
    clearInterval(this.#timer);
    this.#pool.events.off("connectFailed", this.#onConnectFailed);
  }

  /** What has happened since the last look. */
  #seen(): Pick<AutoSizeState, "waitMs" | "runMs"> {
    const { run } = this.#pool.getTotals();
    const runs = since(run, this.#runBefore);
    this.#runBefore = run;
    const runMs = runs.count < FEWEST_STATEMENTS ? undefined : quantileMs(runs, 0.5);
    if (runMs !== undefined && this.#leastRuns.push(runMs) > LOOKS_KEPT) this.#leastRuns.shift();
    const { max } = this.#pool.getStats();
    const waits = [this.#pool, ...this.#shares].map((queue) => {
      const waitMs = this.#waitOf(queue);
      return "maxOf" in queue && queue.maxOf(Number.MAX_SAFE_INTEGER) <= queue.maxOf(max) ? 0 : waitMs;
    });
    return { waitMs: Math.max(...waits), runMs };
  }

  /** How long callers have waited in a queue since the last look, in milliseconds. */
  #waitOf(queue: SizedPool | ShareOfPool): number {
    const { wait, timeouts, shed } = queue.getTotals();
    const before = this.#waitsBefore.get(queue);
    this.#waitsBefore.set(queue, { wait, timeouts, shed });
    const inVain = timeouts + shed - (before?.timeouts ?? 0) - (before?.shed ?? 0);
    if (inVain > 0) return Number.POSITIVE_INFINITY;
    // The first callers have waited for connections to open, not for one to be free.
    return before === undefined ? 0 : (quantileMs(since(wait, before.wait), 0.95) ?? 0);
  }

  #resize(seen: Pick<AutoSizeState, "wasRefused" | "waitMs" | "runMs">): void {
    if (this.#isOff) return;
    const { max: from, min, totalCount: open } = this.#pool.getStats();
    const leastRunMs = this.#leastRuns.length === 0 ? undefined : Math.min(...this.#leastRuns);
    const { limitedBy, ...fleet } = this.#fleet;
    const isStarting = this.#isStarting;
    const { max, reason, share, ...next } = autoSize({
      ...seen,
      ...fleet,
      beside: this.#beside,
      max: from,
      min,
      open,
      leastRunMs,
      grownFrom: this.#grownFrom,
      isStarting,
    });
    this.#isStarting = next.isStarting;
    this.#grownFrom = max > from ? from : undefined;
    this.#pool.resize({ max, reason });
    if (max === from) return;
    const isKnown = Number.isFinite(fleet.limit);
    this.#write(reason === "refused" ? "warn" : "info", {
      from,
      to: max,
      reason,
      ...(isKnown && { share, ...fleet, limitedBy }),
      ...(Number.isFinite(seen.waitMs) && { waitMs: seen.waitMs }),
      ...(seen.runMs !== undefined && { runMs: seen.runMs, leastRunMs }),
    });
  }

  #turnOff(): void {
    this.stop();
    const { max: from, min } = this.#pool.getStats();
    const to = Math.max(DEFAULT_MAX, min);
    this.#pool.resize({ max: to, reason: "pooler" });
    this.#write("warn", { from, to, reason: "pooler" });
  }

  #write(level: "info" | "warn", fields: object): void {
    if (this.#logger !== undefined) writeLine(this.#logger, level, "db.pool.sized", fields);
  }
}

/** What has come to a histogram since it was looked at. */
function since(now: Histogram, before: Histogram | undefined): Histogram {
  if (before === undefined) return now;
  return {
    boundsMs: now.boundsMs,
    counts: now.counts.map((count, bucket) => count - (before.counts[bucket] ?? 0)),
    count: now.count - before.count,
    sumMs: now.sumMs - before.sumMs,
  };
}
