import type { ErrorKind } from "../errors/classify.ts";
import type { CallSite } from "./call-site.ts";
import { DurationHistogram, type Histogram } from "./histogram.ts";
import type { RouteTallies, RouteTotals } from "./route-tally.ts";
import { StatementTally } from "./statement-tally.ts";

/** Why a connection was closed. */
export type DestroyReason =
  | "requested"
  | "lost"
  | "error"
  | "transaction_open"
  | "statement_running"
  | "reset_failed"
  | "ping_failed"
  | "idle"
  | "expired"
  | "used_up"
  | "retired"
  | "fenced"
  | "shrunk"
  | "closed";

/**
 * Why a pool that sizes itself has the size that it has. start: nothing was seen yet · share: as much as one of the fleet may have ·
 * refused: the server had no connection left · waiting: callers waited, and the server was not slower for serving more at once ·
 * enough: callers did not wait, or the server is slower with more · pooler: what stands in front of the server sees to it.
 */
export type SizeReason = "start" | "share" | "refused" | "waiting" | "enough" | "pooler";

/** How the automatic names have done since the pool was made. */
export interface StatementTotals {
  /** Executions of a statement that the server had prepared already. */
  readonly hits: number;
  /** Statements that the server was given to prepare under a name. */
  readonly prepared: number;
  /** Statements that made room for another one on their connection. */
  readonly evicted: number;
  /** Names that were given up otherwise: too old, forgotten by the server, in a session that was reset, or after a definition. */
  readonly givenUp: number;
  /** Why nothing is named by itself any more, or ever was: `prepare: "off"`, or a pooler that has lost what it was given. */
  readonly off: "option" | "names_lost" | "pooler" | undefined;
}

/** What has happened since the pool was made. */
export interface PoolTotals {
  readonly acquired: number;
  /** Callers who waited in vain. */
  readonly timeouts: number;
  /** Callers who gave up. */
  readonly canceled: number;
  /** Callers who were refused because the queue was full. */
  readonly shed: number;
  readonly created: number;
  /** Attempts to connect that have failed. */
  readonly connectErrors: Readonly<Partial<Record<ErrorKind, number>>>;
  readonly destroyed: Readonly<Partial<Record<DestroyReason, number>>>;
  /** Connections that were held longer than the threshold. */
  readonly leaked: number;
  /** How long callers have waited for a connection, held one, and how long opening one has taken. */
  readonly wait: Histogram;
  readonly use: Histogram;
  readonly create: Histogram;
  /** How long statements of callers have taken, failed ones as well; without cursors, streams and what the pool itself asks. */
  readonly run: Histogram;
  readonly statementErrors: Readonly<Partial<Record<ErrorKind, number>>>;
  /** The same of the statements that code sends which answers a route, by that; the option `route` says which. */
  readonly routes: Readonly<Record<string, RouteTotals>>;
  /** Statements that the server was asked to cancel, at their deadline or because their caller gave up. */
  readonly cancelRequests: number;
  readonly statements: StatementTotals;
}

/** What a pool is doing at this moment. Counts of connections, but for `waitingCount` (callers in the queue). */
export interface PoolStats {
  /** Open or being opened. */
  readonly totalCount: number;
  /** Open and free. */
  readonly idleCount: number;
  /** Callers waiting for a connection. */
  readonly waitingCount: number;
  /** Held by a caller, or being made ready for one: `totalCount - idleCount - connectingCount`. */
  readonly usedCount: number;
  /** Being opened. */
  readonly connectingCount: number;
  /** Being closed, and still counted against `max` because the server may not know yet. */
  readonly closingCount: number;
  readonly max: number;
  readonly min: number;
  /** Why `max` is what it is, where the pool sizes itself. */
  readonly maxReason?: SizeReason;
  /** How long ago the server has last done what a statement asked for, in milliseconds; absent where it never has. */
  readonly answeredMsAgo?: number;
}

/** Somebody who holds a connection. */
export interface PoolHolder {
  readonly heldMs: number;
  /** Where the connection was asked for; absent where nobody wants call sites. */
  readonly callSite?: string;
}

export function holderOf({
  heldMs,
  callSite,
}: {
  heldMs: number;
  callSite: CallSite | undefined;
}): PoolHolder {
  return { heldMs: Math.round(heldMs), ...(callSite !== undefined && { callSite: String(callSite) }) };
}

/** The figures that every probe may see: the size only where the pool has it from itself. */
export type PublicPoolStats = Pick<PoolStats, "totalCount" | "idleCount" | "waitingCount"> &
  Partial<Pick<PoolStats, "max" | "maxReason">>;

/** Whether every connection is in use and callers wait: slow, but serving. */
export function isSaturated({ waitingCount, usedCount, max }: PoolStats): boolean {
  return waitingCount > 0 && usedCount >= max;
}

const NONE_NAMED: StatementTotals = { hits: 0, prepared: 0, evicted: 0, givenUp: 0, off: "option" };

/** Counts what happens; cheap enough for every acquire. */
export class Totals {
  acquired = 0;
  timeouts = 0;
  canceled = 0;
  shed = 0;
  created = 0;
  leaked = 0;
  readonly wait = new DurationHistogram();
  readonly use = new DurationHistogram();
  readonly create = new DurationHistogram();
  /** Shared by the pool's connections. */
  readonly tally = new StatementTally();
  readonly #connectErrors: Partial<Record<ErrorKind, number>> = {};
  readonly #destroyed: Partial<Record<DestroyReason, number>> = {};

  connectFailed(kind: ErrorKind): void {
    this.#connectErrors[kind] = (this.#connectErrors[kind] ?? 0) + 1;
  }

  destroyed(reason: DestroyReason): void {
    this.#destroyed[reason] = (this.#destroyed[reason] ?? 0) + 1;
  }

  snapshot(statements: StatementTotals = NONE_NAMED, routes?: RouteTallies): PoolTotals {
    const { acquired, timeouts, canceled, shed, created, leaked } = this;
    const { wait, use, create, tally } = this;
    return {
      acquired,
      timeouts,
      canceled,
      shed,
      created,
      connectErrors: { ...this.#connectErrors },
      destroyed: { ...this.#destroyed },
      leaked,
      wait: wait.snapshot(),
      use: use.snapshot(),
      create: create.snapshot(),
      run: tally.durations.snapshot(),
      statementErrors: { ...tally.errors },
      routes: routes?.snapshot() ?? {},
      cancelRequests: tally.cancelRequests,
      statements,
    };
  }
}
