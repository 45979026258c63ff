import type pg from "pg";
import type { CallSite } from "./call-site.ts";
import type { Client } from "./client.ts";
import { PoolError } from "./errors.ts";
import type { Locatable } from "./located-queries.ts";
import { redactError, redactParameters } from "./redact.ts";
import { located, type Scope, type Statement, TransactionClient } from "./transaction.ts";

/** What Drizzle needs of a pool, or of the one client that replaces it. */
export interface ConnectionSource {
  /** @param clean the session is left as it was. */
  acquire(options: { clean: boolean; callSite?: CallSite | undefined }): Promise<pg.PoolClient>;
  query(statement: Statement, values?: unknown[]): Promise<pg.QueryResult>;
  /** Whether reports need the places that statements come from. */
  readonly wantsCallSites: boolean;
}

/**
 * What Drizzle is given as its client: single statements go to the pool, transactions to a {@link TransactionClient}.
 * With a scope, a single statement runs in a transaction of its own in which the scope's settings hold.
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
  readonly #scope: Scope | undefined;
  readonly #callSite: CallSite | undefined;

  constructor(source: () => ConnectionSource, scope?: Scope, callSite?: CallSite) {
    this.#source = source;
    this.#scope = scope;
    this.#callSite = callSite;
  }

  at(callSite: CallSite): DrizzleClientPool {
    return new DrizzleClientPool(this.#source, this.#scope, callSite);
  }

  async connect(): Promise<TransactionClient> {
    const client = await this.#source().acquire({ clean: true, callSite: this.#callSite });
    return new TransactionClient(client, this.#scope);
  }

  async query(statement: Statement, values?: unknown[]): Promise<pg.QueryResult> {
    if (this.#scope !== undefined) return this.#queryInScope(statement, values);
    try {
      return await this.#source().query(located(statement, this.#callSite), values);
    } catch (error) {
      redactError(error);
      redactParameters(values);
      throw error;
    }
  }

  async #queryInScope(statement: Statement, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const client = await this.#source().acquire({ clean: true, callSite: this.#callSite });
    let transaction = new TransactionClient(client, this.#scope);
    try {
      return await queryAlone(transaction, statement, values);
    } catch (error) {
      const name = typeof statement === "string" ? undefined : statement.name;
      // For its caller this statement is in no transaction, so it is prepared anew and run again, as any other is.
      if (!(mends(client) && (await client.mend(name, error)))) throw error;
      transaction = new TransactionClient(client, this.#scope);
      return await queryAlone(transaction, statement, values);
    } finally {
      transaction.release();
    }
  }
}

/** Whether the pool's client is one of ours; its class may be that of another copy of this package. */
function mends(client: object): client is Pick<Client, "mend"> {
  return "mend" in client;
}

async function queryAlone(
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
