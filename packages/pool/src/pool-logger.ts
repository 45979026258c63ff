import type { EventEmitter } from "node:events";
import type pg from "pg";
import type { PoolEvents } from "./events.ts";
import { Client } from "./query/client.ts";
import { describeError, type Logger } from "./telemetry/logger.ts";
import type { PoolStats } from "./telemetry/stats.ts";

interface Observable {
  readonly events?: EventEmitter<PoolEvents>;
  on(event: "connect" | "acquire", listener: (client: pg.PoolClient) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  getStats(): PoolStats;
}

/** Writes what an operator should know into the log, with the pool's figures at that moment. */
export function logTrouble(pool: Required<Observable>, logger: Logger): void {
  const write = (level: "info" | "warn", event: string) => (fields: object) =>
    logger[level](event, { ...fields, ...pool.getStats() });
  pool.events.on("leak", write("warn", "leak"));
  pool.events.on("leakReturned", write("info", "leakReturned"));
  pool.events.on("connectFailed", write("warn", "connectFailed"));
  pool.events.on("nestedAcquire", write("warn", "nestedAcquire"));
  const lost = write("warn", "connection lost while idle");
  pool.on("error", (error) => lost(describeError(error)));
}

/** Writes every step in a connection's life, for development: nothing listens where the logger takes no debug lines. */
export function logLifecycle(pool: Observable, logger: Logger): void {
  if (logger.debug === undefined) return;
  const write = (event: string, fields: object = {}) =>
    logger.debug?.(event, { ...fields, ...pool.getStats() });
  pool.on("connect", () => write("connect"));
  pool.on("acquire", (client) => {
    const waitedMs = client instanceof Client ? client.holder?.waitedMs : undefined;
    write("acquire", waitedMs === undefined ? {} : { waitedMs: Math.round(waitedMs) });
  });
  pool.events?.on("destroyed", (fact) => write("remove", fact));
}
