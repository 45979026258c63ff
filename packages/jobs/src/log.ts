import { consoleLogger, describeError, type Logger } from "@openhouse/pool";

export type LogEvent =
  | "jobs.event_lost"
  | "jobs.no_executor"
  | "jobs.not_configured"
  | "jobs.sdk_message"
  | "jobs.serve_failed"
  | "jobs.sweep_failed";

/** Where jobs write: one JSON object a line. */
export const log: Logger<LogEvent> = consoleLogger({ format: "json", debug: false });

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
    ...(error !== undefined && { error: describeError(error) }),
  };
}

function errorOf(said: unknown): Error | undefined {
  if (said instanceof Error) return said;
  if (typeof said !== "object" || said === null || !("err" in said)) return undefined;
  return said.err instanceof Error ? said.err : undefined;
}
