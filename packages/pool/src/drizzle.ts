export type {
  BatchingDatabase,
  BatchOptions,
  BatchQueries,
  BatchResults,
  SeparateBatchOptions,
  SettledBatchResults,
} from "./drizzle/batch.ts";
export { type DrizzleOverPool, drizzleOverPool } from "./drizzle/database.ts";
export { mapQuery, type Query } from "./drizzle/mapped-query.ts";
export {
  makePrepareFor,
  type PlaceholderValues,
  type PreparedFor,
  type PreparedRun,
  type PrepareFor,
} from "./drizzle/prepare-for.ts";
export type { ReadingDatabase } from "./drizzle/replica-database.ts";
export type { ScopeOptions, Sign, TransactionSettings } from "./query/local-settings.ts";
