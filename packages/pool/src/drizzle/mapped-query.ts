import { QueryPromise } from "drizzle-orm";
import type { RunnableQuery } from "drizzle-orm/runnable-query";

/** A query that was not awaited, and can also be a member of a batch. */
export interface Query<T> extends RunnableQuery<T, "pg">, Promise<T> {}

/**
 * A query whose result is made into something else: it runs when it is awaited, as Drizzle's own do, or as a member of a batch.
 *
 * @param read makes the result; it asks the database for nothing.
 */
export function mapQuery<T, U>(query: Query<T>, read: (result: T) => U): Query<U> {
  return new MappedQuery(async () => read(await query));
}

class MappedQuery<T> extends QueryPromise<T> implements Query<T> {
  declare readonly _: { readonly dialect: "pg"; readonly result: T };
  readonly execute: () => Promise<T>;

  constructor(execute: () => Promise<T>) {
    super();
    this.execute = execute;
  }

  /** What Drizzle's own batches ask a query for. */
  _prepare(): { execute(): Promise<T> } {
    return this;
  }
}
