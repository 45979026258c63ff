import type pg from "pg";
import { resetSession } from "../connection/reset.ts";
import { PoolError } from "../errors/errors.ts";
import { redactError, redactParameters } from "../errors/redact.ts";
import type { Client } from "../query/client.ts";
import type { Prelude } from "../query/local-settings.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import type { Locatable } from "./query-call-sites.ts";
import { isOurs, located, type Statement, TransactionClient, touchesSession } from "./transaction.ts";

/** What Drizzle needs of a pool, or of the one client that replaces it. */
export interface ConnectionSource {
  /** @param clean the session is left as it was. */
  acquire(options: { clean: boolean; callSite?: CallSite | undefined }): Promise<pg.PoolClient>;
  query(statement: Statement, values?: unknown[]): Promise<pg.QueryResult>;
  /** Whether reports need the places that statements come from. */
  readonly wantsCallSites: boolean;
  /** The pool whose connections it checks out, where it is a part of one: a deadlock is judged over the whole pool. */
  readonly wholePool?: object;
}

/** More than one statement, which only the simple protocol takes; also where the semicolon is only part of a literal. */
const SEVERAL = /;\s*\S/;

/**
 * What Drizzle is given as its client: single statements go to the pool, transactions to a {@link TransactionClient}.
 * With settings, a single statement runs in a transaction of its own in which they hold, in one round trip.
 *
 * @param source asked for at every use, so that a Drizzle object outlives a change of pool.
 */
export class DrizzleClientPool implements Locatable<DrizzleClientPool> {
  /**
   * Drizzle runs a transaction on one connection only where the class's name has "Pool" in it.
   * Set by hand, because a bundler that minifies would change it, and transactions would silently stop being atomic.
   */
  static readonly name = "DrizzleClientPool";

  readonly #source: () => ConnectionSource;
  readonly #settings: Prelude | undefined;
  readonly #callSite: CallSite | undefined;

  constructor(source: () => ConnectionSource, settings?: Prelude, callSite?: CallSite) {
    this.#source = source;
    this.#settings = settings;
    this.#callSite = callSite;
  }

  at(callSite: CallSite): DrizzleClientPool {
    return new DrizzleClientPool(this.#source, this.#settings, callSite);
  }

  async connect(): Promise<TransactionClient> {
    const client = await this.#source().acquire({ clean: true, callSite: this.#callSite });
    return new TransactionClient(client, this.#settings);
  }

  async query(statement: Statement, values?: unknown[]): Promise<pg.QueryResult> {
    const settings = this.#settings;
    try {
      if (settings !== undefined) return await this.#queryWith(settings, statement, values);
      return await this.#source().query(located(statement, this.#callSite), values);
    } catch (error) {
      redactError(error);
      redactParameters(values);
      throw error;
    }
  }

  async #queryWith(
    settings: Prelude,
    statement: Statement,
    values: unknown[] | undefined,
  ): Promise<pg.QueryResult> {
    const client = await this.#source().acquire({ clean: true, callSite: this.#callSite });
    if (isOurs(client) && !isSeveral(statement, values))
      return await queryAtOnce(client, settings, statement, values);
    const transaction = new TransactionClient(client, settings);
    try {
      return await queryInTransaction(transaction, statement, values);
    } finally {
      transaction.release();
    }
  }
}

function isSeveral(statement: Statement, values: unknown[] = []): boolean {
  const { text, name } = typeof statement === "string" ? { text: statement, name: undefined } : statement;
  return values.length === 0 && name === undefined && SEVERAL.test(text);
}

/** Runs one statement with the settings in front of it, and gives the connection back. */
async function queryAtOnce(
  client: pg.PoolClient & Pick<Client, "queryAfter">,
  settings: Prelude,
  statement: Statement,
  values: unknown[] | undefined,
): Promise<pg.QueryResult> {
  const text = typeof statement === "string" ? statement : statement.text;
  let result: pg.QueryResult | undefined;
  let failure: Error | undefined;
  try {
    result = await client.queryAfter(settings, statement, values);
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // The next holder must not meet what it did to the session; an advisory lock outlives even a rollback.
    if (touchesSession(text, result?.command)) client.release(!(await resetSession(client)));
    else client.release(failure);
  }
}

async function queryInTransaction(
  transaction: TransactionClient,
  statement: Statement,
  values: unknown[] | undefined,
): Promise<pg.QueryResult> {
  try {
    await transaction.query("begin");
    const result = await transaction.query(statement, values);
    await transaction.query("commit");
    return result;
  } catch (error) {
    await transaction.query("rollback");
    throw error;
  }
}

/**
 * Finds our own error under the one that Drizzle wraps around whatever a driver throws, so that a caller can decide by
 * class and `code`.
 */
export function unwrapPoolError(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof PoolError ? error.cause : error;
}
