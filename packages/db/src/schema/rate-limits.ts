import { bigint, integer, pgTable, text } from "drizzle-orm/pg-core";

/**
 * Attempts. Has no tenant: they are counted before one is known. Keys are keyed hashes. The portals' role has no grant on
 * it: it goes through the functions `attempts_…`.
 */
export const rateLimits = pgTable("rate_limits", {
  key: text("key").primaryKey(),
  points: integer("points").notNull().default(0),
  /** When its window ends, in milliseconds since 1970; null never. */
  expire: bigint("expire", { mode: "number" }),
});
