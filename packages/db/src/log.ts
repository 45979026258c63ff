import { consoleLogger, type Logger, type LogEvent as PoolEvent } from "@openhouse/pool";

export type LogEvent =
  | PoolEvent
  | "db.config.warning"
  | "db.pool.warm_up_failed"
  | "db.pool.reclaimed"
  | "db.replica.serves"
  | "db.replica.skipped"
  | "db.demo.refused";

/** Where the database layer writes: one JSON object a line in production, lines for eyes elsewhere. */
export const log: Logger<LogEvent> = consoleLogger({
  format: process.env.NODE_ENV === "production" ? "json" : "pretty",
  debug: process.env.NODE_ENV === "development",
});
