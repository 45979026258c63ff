import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { BatchOptions } from "../transaction/batch.ts";
import type { BatchQueries, BatchResults } from "./batch.ts";

/** What a replica can be asked for: Drizzle's reads. There is no way to write, and no transaction. */
export type ReadingDatabase<TSchema extends Record<string, unknown>> = Pick<
  NodePgDatabase<TSchema>,
  "select" | "selectDistinct" | "selectDistinctOn" | "query" | "$count" | "$with"
> & {
  with(
    ...queries: Parameters<NodePgDatabase<TSchema>["with"]>
  ): Pick<ReturnType<NodePgDatabase<TSchema>["with"]>, "select" | "selectDistinct" | "selectDistinctOn">;
  /**
   * Runs reads that were built on this handle, and not awaited, in one round trip and one transaction on one server.
   *
   * @returns the result of each, in order.
   * @throws {BatchError} a query has failed; `index` tells which.
   * @throws {MisplacedStatementError} a query is none of this handle's, or no read; nothing was sent.
   * @throws what a single read throws.
   */
  batch<T extends BatchQueries>(
    queries: T,
    options?: Pick<BatchOptions, "signal" | "timeoutMs">,
  ): Promise<BatchResults<T>>;
};
