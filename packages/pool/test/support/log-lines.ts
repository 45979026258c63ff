import type { Logger } from "../../src/telemetry/logger.ts";

export interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly fields: Record<string, unknown>;
}

/** A logger that keeps what it is told. */
export function keepLines(): { lines: LogLine[]; logger: Logger } {
  const lines: LogLine[] = [];
  const keep =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      lines.push({ level, event, fields });
  return {
    lines,
    logger: {
      keepsFields: true,
      debug: keep("debug"),
      info: keep("info"),
      warn: keep("warn"),
      error: keep("error"),
    },
  };
}
