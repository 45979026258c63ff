export { type DrizzleOverPool, drizzleOverPool } from "./drizzle/database.ts";
export type { TransactionSettings } from "./query/local-settings.ts";
