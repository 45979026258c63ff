export { type DrizzleOverPool, drizzleOverPool } from "./drizzle/database.ts";
export type { Scope } from "./query/local-settings.ts";
