import type { LogEvent, Logger } from "@openhouse/pool";
import { processGlobal } from "@openhouse/pool/process";

/** A statement that took longer than `DB_SLOW_QUERY_MS`, without its values. */
export interface SlowStatement {
  /** The same for statements that differ in their values only. */
  readonly fingerprint: string;
  readonly statement: string;
  readonly callSite: string;
  readonly durationMs: number;
  /** When it ended, in milliseconds since 1970. */
  readonly atMs: number;
}

const KEPT = 100;

/** Shared by the copies of this module that a bundler makes. */
const kept = processGlobal<SlowStatement[]>("db/slow-statements", () => []);

/** The last of them, the newest first. */
export function slowStatements(): readonly SlowStatement[] {
  return kept.toReversed();
}

/** The same log, of which `slowStatements` keeps what it says of slow statements. */
export function keepingSlowStatements(log: Logger): Logger {
  return {
    ...log,
    warn(event: LogEvent, fields: Record<string, unknown> = {}) {
      if (event === "db.query.slow") keep(fields);
      log.warn(event, fields);
    },
  };
}

function keep({ fingerprint, statement, callSite, durationMs }: Record<string, unknown>): void {
  kept.push({
    fingerprint: String(fingerprint),
    statement: String(statement),
    callSite: String(callSite),
    durationMs: Number(durationMs),
    atMs: Date.now(),
  });
  if (kept.length > KEPT) kept.shift();
}
