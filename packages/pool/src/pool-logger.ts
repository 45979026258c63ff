import type { EventEmitter } from "node:events";
import type pg from "pg";
import type { PoolEvents } from "./events.ts";
import { Client } from "./query/client.ts";
import type { LimitedLog } from "./telemetry/limited-log.ts";
import { describeError, type LogEvent, type Logger, writeLine } from "./telemetry/logger.ts";
import type { PoolStats } from "./telemetry/stats.ts";

interface Observable {
  readonly events?: EventEmitter<PoolEvents>;
  on(event: "connect" | "acquire", listener: (client: pg.PoolClient) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  getStats(): PoolStats;
}

/** Writes what an operator should know into the log, with the pool's figures at that moment. */
export function logTrouble(pool: Required<Observable>, log: LimitedLog): void {
  const write = (level: "info" | "warn", event: LogEvent) => (fields: object) =>
    log.write(level, event, "kind" in fields ? String(fields.kind) : "", () => ({
      ...fields,
      ...pool.getStats(),
    }));
  pool.events.on("leak", write("warn", "db.pool.leak"));
  pool.events.on("leakReturned", write("info", "db.pool.leak_returned"));
  pool.events.on("connectFailed", write("warn", "db.pool.connect_failed"));
  pool.events.on("nestedAcquire", write("warn", "db.pool.nested_acquire"));
  pool.events.on("ended", write("warn", "db.pool.connection_ended"));
  pool.events.on("recovered", write("info", "db.pool.recovered"));
  pool.events.on("namesOff", write("warn", "db.pool.names_off"));
  pool.events.on("hostFailed", write("warn", "db.host.failed"));
  pool.events.on("hostRoleChanged", write("warn", "db.host.role_changed"));
  pool.events.on("hostFenced", write("warn", "db.host.fenced"));
  pool.events.on("acquireTimeout", ({ waitedMs, error }) =>
    log.write("warn", "db.pool.acquire_timeout", "", () => ({
      ...describeError(error),
      waitedMs: Math.round(waitedMs),
      diagnosis: error.message,
      ...pool.getStats(),
    })),
  );
  pool.events.on("shed", ({ error }) =>
    log.write("warn", "db.pool.shed", "", () => ({ ...describeError(error), ...pool.getStats() })),
  );
  const lost = write("warn", "db.pool.connection_lost");
  pool.on("error", (error) => lost(describeError(error)));
}

/** Writes every step in a connection's life, for development: nothing listens where the logger takes no debug lines. */
export function logLifecycle(pool: Observable, logger: Logger): void {
  if (logger.debug === undefined) return;
  const write = (event: LogEvent, fields: object = {}) =>
    writeLine(logger, "debug", event, { ...fields, ...pool.getStats() });
  pool.on("connect", () => write("db.pool.connected"));
  pool.on("acquire", (client) => {
    const waitedMs = client instanceof Client ? client.holder?.waitedMs : undefined;
    write("db.pool.acquired", waitedMs === undefined ? {} : { waitedMs: Math.round(waitedMs) });
  });
  pool.events?.on("destroyed", (fact) => write("db.pool.destroyed", fact));
}
