import type pg from "pg";
import type { CallSite } from "./call-site.ts";
import { describeError, type Logger, writeLine } from "./logger.ts";
import type { RouteTally } from "./route-tally.ts";
import { normalizeSql, sqlFingerprint } from "./sql-fingerprint.ts";

/** The text of a statement in the log, in characters. */
const TEXT_LENGTH = 300;

/** Who has the connection that a statement runs on. */
export interface Holder {
  /** Whether the holder has the client in hand. */
  readonly hasClient: boolean;
  /** How long the holder has waited for the connection, in milliseconds. */
  readonly waitedMs: number;
  /** Where the holder asked for the connection. */
  readonly callSite: CallSite | undefined;
  /** Where the statements of the route that the holder answers are counted, if one is known. */
  readonly route?: RouteTally | undefined;
}

type Done = (error: Error | undefined, result?: pg.QueryResult) => void;

/** A statement, and where it comes from. */
export interface LocatedStatement {
  readonly text: string;
  readonly callSite: CallSite | undefined;
  readonly holder: Holder | undefined;
}

/**
 * Logs the statements that take longer than a threshold, whether they succeed or fail. Values never reach the log.
 * The empty statement is how the pool asks whether a server is there: `db.pool.connection_lost` tells of that.
 */
export class SlowStatementLog {
  readonly #logger: Logger;
  readonly #thresholdMs: number;

  constructor(logger: Logger, thresholdMs: number) {
    this.#logger = logger;
    this.#thresholdMs = thresholdMs;
  }

  /** Follows a statement from now on. @returns what to call with its outcome, in place of `done`. */
  watch(statement: LocatedStatement, done: Done): Done {
    const startedAtMs = performance.now();
    return (error, result) => {
      const durationMs = performance.now() - startedAtMs;
      if (durationMs > this.#thresholdMs && statement.text !== "")
        this.#log(statement, durationMs, error, result);
      done(error, result);
    };
  }

  #log(
    { text, callSite, holder }: LocatedStatement,
    durationMs: number,
    error: Error | undefined,
    result: pg.QueryResult | undefined,
  ): void {
    const statement = normalizeSql(text);
    const { kind, code, sqlstate } = describeError(error);
    writeLine(this.#logger, "warn", "db.query.slow", {
      durationMs: Math.round(durationMs),
      ...(holder === undefined ? {} : { waitedMs: Math.round(holder.waitedMs) }),
      ...(error === undefined ? { rows: rowsOf(result) } : { error: kind }),
      ...(code === undefined ? {} : { code }),
      ...(sqlstate === undefined ? {} : { sqlstate }),
      callSite:
        callSite?.location ??
        (holder === undefined ? "the pool itself" : String(holder.callSite ?? "unknown")),
      fingerprint: sqlFingerprint(statement),
      statement: statement.length > TEXT_LENGTH ? `${statement.slice(0, TEXT_LENGTH)}…` : statement,
    });
  }
}

/** Rows returned or changed; of several statements in one text, all of them. */
function rowsOf(result: pg.QueryResult | pg.QueryResult[] | undefined): number {
  const results = Array.isArray(result) ? result : result === undefined ? [] : [result];
  return results.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}
