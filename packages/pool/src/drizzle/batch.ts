import type { BatchItem } from "drizzle-orm/batch";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgTransactionConfig } from "drizzle-orm/pg-core";
import type pg from "pg";
import { MisplacedStatementError } from "../errors/errors.ts";
import { type BatchOptions, refuseTooMany } from "../transaction/batch.ts";
import { BatchSlot, type Scoped } from "../transaction/batch-slot.ts";
import type { QueryInput } from "../transaction/transaction-client.ts";

export type { BatchOptions };

/** What can be in a batch: any query that Drizzle builds and that was not awaited. */
export type BatchQueries = readonly BatchItem<"pg">[] | [];

/** What each of them returns, as Drizzle types it. */
export type BatchResults<T extends BatchQueries> = { -readonly [K in keyof T]: ResultOf<T[K]> };

type Transaction<TSchema extends Record<string, unknown>> = Parameters<
  Parameters<NodePgDatabase<TSchema>["transaction"]>[0]
>[0];

/** Drizzle's database, which can also run a batch, and whose transactions can. */
export type BatchingDatabase<TSchema extends Record<string, unknown>> = {
  transaction<T>(
    work: (tx: Transaction<TSchema> & BatchingTransaction) => Promise<T>,
    config?: PgTransactionConfig,
  ): Promise<T>;
} & NodePgDatabase<TSchema> &
  Batching;

export interface BatchingTransaction {
  /**
   * Runs queries that were built on this transaction, and not awaited, in one round trip, behind what it was given before. An error
   * ends the transaction, as that of any statement does. Over the single client they go one after the other.
   *
   * @returns the result of each, in order.
   * @throws {BatchError} a query has failed; `index` tells which.
   * @throws {BatchTooLargeError} more queries, or characters, than one batch may have; nothing was sent.
   * @throws {MisplacedStatementError} a query is none that is known to stay in its transaction, or not this one's; nothing was sent.
   * @throws {TransactionOverError} the transaction has ended; nothing was sent.
   */
  batch<T extends BatchQueries>(queries: T, options?: BatchLimits): Promise<BatchResults<T>>;
}

/** How long all of a batch may take. */
export type BatchLimits = Pick<BatchOptions, "signal" | "timeoutMs">;

export interface Batching {
  /**
   * Runs queries that were built on this handle, and not awaited, in one round trip on one connection, in one transaction: all
   * are kept or none is, and each sees what those in front of it have written. `options` tell what transaction it is to be, a
   * deadline and a signal. Over the single client it is a transaction of several round trips.
   *
   * @returns the result of each, in order.
   * @throws {BatchError} a query has failed; `index` tells which. Nothing is kept.
   * @throws {BatchTooLargeError} more queries, or characters, than one batch may have; nothing was sent.
   * @throws {MisplacedStatementError} a query is none that is known to stay in its transaction, or another handle's; nothing was sent.
   * @throws {TransactionOptionsError} Postgres has no such isolation level or access mode; no connection was taken.
   * @throws {CommitUnknownError} the connection was lost with a write among the queries. Do not retry blindly.
   */
  batch<T extends BatchQueries>(queries: T, options?: BatchOptions): Promise<BatchResults<T>>;
}

type ResultOf<T> = T extends { readonly _: { readonly result: infer Result } } ? Result : never;

/** Whoever runs a batch of statements. */
interface BatchRunner extends Scoped {
  batch(statements: readonly QueryInput[], options: BatchOptions): Promise<pg.QueryResult[]>;
}

/** Runs queries as one batch: each makes its statement itself, and maps its rows itself, as it does when it is awaited. */
export async function runBatchOf<T extends BatchQueries>(
  runner: BatchRunner,
  queries: T,
  options: BatchOptions,
): Promise<BatchResults<T>> {
  refuseTooMany(queries.length);
  const places = queries.map((query, index) => {
    const slot = new BatchSlot(runner, index);
    const outcome = slot.start(query as unknown as PromiseLike<unknown>);
    outcome.catch(() => {}); // what has failed is told once, for the batch
    const statement = Promise.race([slot.asked, outcome.then(() => Promise.reject(foreign(index)))]);
    return { slot, outcome, statement };
  });
  try {
    const statements = await Promise.all(places.map(({ statement }) => statement));
    const results = await runner.batch(statements, options);
    for (const [index, result] of results.entries()) places[index]?.slot.settle?.resolve(result);
  } catch (error) {
    for (const { slot } of places) slot.settle?.reject(error);
    throw error;
  }
  const mapped = await Promise.all(places.map(({ outcome }) => outcome));
  return mapped as BatchResults<T>;
}

function foreign(index: number): MisplacedStatementError {
  return new MisplacedStatementError(
    `statement ${index} of a batch is of another database's handle, and has run there: build it on the handle whose batch it is`,
  );
}
