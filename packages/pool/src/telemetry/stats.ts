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
  | "shrunk"
  | "closed";

/** Upper bounds of the histograms' buckets, in milliseconds; one more bucket holds what is longer. */
export const BUCKETS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000] as const;

export interface Histogram {
  /** How many, by bucket: see `BUCKETS_MS`. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sumMs: number;
}

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
  readonly off: "option" | "names_lost" | undefined;
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
  readonly destroyed: Readonly<Partial<Record<DestroyReason, number>>>;
  readonly wait: Histogram;
  readonly use: Histogram;
  readonly create: Histogram;
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
}

/** The figures that every probe may see. */
export type PublicPoolStats = Pick<PoolStats, "totalCount" | "idleCount" | "waitingCount">;

/** Whether every connection is in use and callers wait: slow, but serving. */
export function isSaturated({ waitingCount, usedCount, max }: PoolStats): boolean {
  return waitingCount > 0 && usedCount >= max;
}

class DurationHistogram {
  readonly #counts = new Array<number>(BUCKETS_MS.length + 1).fill(0);
  #count = 0;
  #sumMs = 0;

  record(durationMs: number): void {
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && durationMs > (BUCKETS_MS[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sumMs += durationMs;
  }

  snapshot(): Histogram {
    return { counts: [...this.#counts], count: this.#count, sumMs: this.#sumMs };
  }
}

const NONE_NAMED: StatementTotals = { hits: 0, prepared: 0, evicted: 0, givenUp: 0, off: "option" };

/** Counts what happens; cheap enough for every acquire. */
export class Totals {
  acquired = 0;
  timeouts = 0;
  canceled = 0;
  shed = 0;
  created = 0;
  readonly wait = new DurationHistogram();
  readonly use = new DurationHistogram();
  readonly create = new DurationHistogram();
  readonly #destroyed: Partial<Record<DestroyReason, number>> = {};

  destroyed(reason: DestroyReason): void {
    this.#destroyed[reason] = (this.#destroyed[reason] ?? 0) + 1;
  }

  snapshot(statements: StatementTotals = NONE_NAMED): PoolTotals {
    const { acquired, timeouts, canceled, shed, created } = this;
    const destroyed = { ...this.#destroyed };
    const { wait, use, create } = this;
    return {
      acquired,
      timeouts,
      canceled,
      shed,
      created,
      destroyed,
      wait: wait.snapshot(),
      use: use.snapshot(),
      create: create.snapshot(),
      statements,
    };
  }
}
