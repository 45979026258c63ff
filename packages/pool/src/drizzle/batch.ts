import type { BatchItem } from "drizzle-orm/batch";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { MisplacedStatementError } from "../errors/errors.ts";
import { type BatchOptions, refuseTooMany } from "../transaction/batch.ts";
import { BatchSlot } from "../transaction/batch-slot.ts";
import type { ScopedPool } from "../transaction/scoped-pool.ts";

export type { BatchOptions };

/** What can be in a batch: any query that Drizzle builds and that was not awaited. */
export type BatchQueries = readonly BatchItem<"pg">[] | [];

/** What each of them returns, as Drizzle types it. */
export type BatchResults<T extends BatchQueries> = { -readonly [K in keyof T]: ResultOf<T[K]> };

/** Drizzle's database, which can also run a batch. */
export type BatchingDatabase<TSchema extends Record<string, unknown>> = NodePgDatabase<TSchema> & Batching;

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

/** Runs queries as one batch: each makes its statement itself, and maps its rows itself, as it does when it is awaited. */
export async function runBatchOf<T extends BatchQueries>(
  pool: ScopedPool,
  queries: T,
  options: BatchOptions,
): Promise<BatchResults<T>> {
  refuseTooMany(queries.length);
  const places = queries.map((query, index) => {
    const slot = new BatchSlot(pool, index);
    const outcome = slot.start(query as unknown as PromiseLike<unknown>);
    outcome.catch(() => {}); // what has failed is told once, for the batch
    const statement = Promise.race([slot.asked, outcome.then(() => Promise.reject(foreign(index)))]);
    return { slot, outcome, statement };
  });
  try {
    const statements = await Promise.all(places.map(({ statement }) => statement));
    const results = await pool.batch(statements, options);
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
