import type { BatchItem } from "drizzle-orm/batch";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { PgTransactionConfig } from "drizzle-orm/pg-core";
import type pg from "pg";
import { MisplacedStatementError } from "../errors/errors.ts";
import { type BatchOptions, refuseTooMany, type SeparateBatchOptions } from "../transaction/batch.ts";
import { BatchSlot, type Scoped } from "../transaction/batch-slot.ts";
import type { QueryInput } from "../transaction/transaction-client.ts";

export type { BatchOptions, SeparateBatchOptions };

/** What can be in a batch: any query that Drizzle builds and that was not awaited. */
export type BatchQueries = readonly BatchItem<"pg">[] | [];

/** What each of them returns, as Drizzle types it. */
export type BatchResults<T extends BatchQueries> = { -readonly [K in keyof T]: ResultOf<T[K]> };

/** What becomes of each of them where they stand alone: the value that it has alone, or the reason why it has none. */
export type SettledBatchResults<T extends BatchQueries> = {
  -readonly [K in keyof T]: PromiseSettledResult<ResultOf<T[K]>>;
};

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
   * @throws {TransactionOptionsError} `atomic` is false; nothing was sent.
   * @throws {TransactionOverError} the transaction has ended; nothing was sent.
   */
  batch<T extends BatchQueries>(queries: T, options?: BatchLimits): Promise<BatchResults<T>>;
}

/** How long all of a batch may take. Within a transaction it is a part of that, and never anything else. */
export type BatchLimits = Pick<BatchOptions, "signal" | "timeoutMs" | "atomic">;

export interface Batching {
  /**
   * Runs queries that were built on this handle, and not awaited, in one round trip on one connection, each in a transaction of
   * its own: none is undone by another one's failure, those behind it run, and each sees what those in front of it have kept.
   * `options` tell a deadline and a signal. Over the single client they go one after the other.
   *
   * @returns what has become of each, in order, as of `Promise.allSettled`; a `reason` is what the query alone rejects with. Where the
   * connection was lost, or the deadline has passed, `CommitUnknownError` is that of a write that was sent and not answered. It
   * rejects only where nothing was sent.
   * @throws {BatchTooLargeError} more queries, or characters, than one batch may have; nothing was sent.
   * @throws {MisplacedStatementError} a query is none that is known to stay in its transaction, or another handle's; nothing was sent.
   * @throws {TransactionOptionsError} there is no transaction of which `options` could set anything; nothing was sent.
   */
  batch<T extends BatchQueries>(queries: T, options: SeparateBatchOptions): Promise<SettledBatchResults<T>>;
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

/** Whoever runs statements that stand alone. */
interface SeparateBatchRunner extends Scoped {
  batch(
    statements: readonly QueryInput[],
    options: SeparateBatchOptions,
  ): Promise<PromiseSettledResult<pg.QueryResult>[]>;
}

/** Runs queries as one batch: each makes its statement itself, and maps its rows itself, as it does when it is awaited. */
export async function runBatchOf<T extends BatchQueries>(
  runner: BatchRunner,
  queries: T,
  options: BatchOptions,
): Promise<BatchResults<T>> {
  const places = placesOf(runner, queries);
  const results = await runAll(places, (statements) => runner.batch(statements, options));
  for (const [index, result] of results.entries()) places[index]?.slot.settle?.resolve(result);
  const mapped = await Promise.all(places.map(({ outcome }) => outcome));
  return mapped as BatchResults<T>;
}

/** The same of queries that stand alone: each hears of its own statement's failure, and maps its rows, or rejects, as it does alone. */
export async function runEachOf<T extends BatchQueries>(
  runner: SeparateBatchRunner,
  queries: T,
  options: SeparateBatchOptions,
): Promise<SettledBatchResults<T>> {
  const places = placesOf(runner, queries);
  const results = await runAll(places, (statements) => runner.batch(statements, options));
  for (const [index, result] of results.entries()) {
    const settle = places[index]?.slot.settle;
    if (result.status === "fulfilled") settle?.resolve(result.value);
    else settle?.reject(result.reason);
  }
  const mapped = await Promise.allSettled(places.map(({ outcome }) => outcome));
  return mapped as SettledBatchResults<T>;
}

/** A query that waits for its result. */
interface Place {
  readonly slot: BatchSlot;
  readonly outcome: Promise<unknown>;
  readonly statement: Promise<QueryInput>;
}

function placesOf(runner: Scoped, queries: BatchQueries): Place[] {
  refuseTooMany(queries.length);
  return queries.map((query, index) => {
    const slot = new BatchSlot(runner, index);
    const outcome = slot.start(query as unknown as PromiseLike<unknown>);
    outcome.catch(() => {}); // what has failed is told once, for the batch
    const statement = Promise.race([slot.asked, outcome.then(() => Promise.reject(foreign(index)))]);
    return { slot, outcome, statement };
  });
}

/** Runs the statements of all. Where that fails, none of the queries waits any more. */
async function runAll<T>(
  places: readonly Place[],
  run: (statements: readonly QueryInput[]) => Promise<T>,
): Promise<T> {
  try {
    return await run(await Promise.all(places.map(({ statement }) => statement)));
  } catch (error) {
    for (const { slot } of places) slot.settle?.reject(error);
    throw error;
  }
}

function foreign(index: number): MisplacedStatementError {
  return new MisplacedStatementError(
    `statement ${index} of a batch is of another database's handle, and has run there: build it on the handle whose batch it is`,
  );
}
