export { type DrizzleOverPool, drizzleOverPool } from "./drizzle/database.ts";
export type { ScopeOptions, Sign, TransactionSettings } from "./query/local-settings.ts";
