import { bigint, integer, pgTable, text } from "drizzle-orm/pg-core";

/**
 * Attempts, in the shape rate-limiter-flexible's Postgres store wants.
 * Has no tenant: attempts are counted before one is known. Keys are hashes.
 */
export const rateLimits = pgTable("rate_limits", {
  key: text("key").primaryKey(),
  points: integer("points").notNull().default(0),
  /** Milliseconds since 1970; null never expires. */
  expire: bigint("expire", { mode: "number" }),
});
