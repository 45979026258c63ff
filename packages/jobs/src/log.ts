import { databaseContext } from "@openhouse/db/client";
import { consoleLogger, describeError, type Logger, limitedLog } from "@openhouse/pool";
import { JobError } from "./job-error.ts";

export type LogEvent =
  | "jobs.event_lost"
  | "jobs.no_executor"
  | "jobs.not_configured"
  | "jobs.sdk_message"
  | "jobs.serve_failed"
  | "jobs.sweep_failed";

/** Where jobs write: one JSON object a line, and few of one event and kind. */
export const log: Logger<LogEvent> = limitedLog(consoleLogger<LogEvent>({ format: "json", debug: false }));

/** What a line says of an error: as the database layer describes it, and of which database, where one is concerned. */
export function errorFields(error: unknown): Record<string, unknown> {
  const description = error instanceof JobError ? error.description : describeError(error);
  return { ...description, ...(description.kind === "unknown" ? {} : databaseContext()) };
}

/**
 * The log of Inngest's SDK, which writes whole errors with their messages: of those only the kind is kept, as a message
 * can hold what a database was told.
 */
export const sdkLog = {
  debug(): void {},
  info(): void {},
  warn: (...said: unknown[]): void => log.warn("jobs.sdk_message", fieldsOf(said)),
  error: (...said: unknown[]): void => log.error("jobs.sdk_message", fieldsOf(said)),
};

function fieldsOf(said: readonly unknown[]): Record<string, unknown> {
  const error = said.map(errorOf).find((each) => each !== undefined);
  const message = said.find((each) => typeof each === "string");
  return {
    ...(message !== undefined && { message }),
    ...(error !== undefined && errorFields(error)),
  };
}

function errorOf(said: unknown): Error | undefined {
  if (said instanceof Error) return said;
  if (typeof said !== "object" || said === null || !("err" in said)) return undefined;
  return said.err instanceof Error ? said.err : undefined;
}
