import { callOnlooker } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";

/** What the pool logs: `<area>.<object>.<what happened>`. docs/operating/monitoring.md says what each one asks for. */
export type LogEvent =
  | "db.pool.connected"
  | "db.pool.acquired"
  | "db.pool.destroyed"
  | "db.pool.connect_failed"
  | "db.pool.connection_lost"
  | "db.pool.connection_ended"
  | "db.pool.leak"
  | "db.pool.leak_returned"
  | "db.pool.nested_acquire"
  | "db.health.changed"
  | "db.query.slow";

/**
 * Where the pool writes. `fields` never carry SQL parameters, row values or secrets.
 *
 * @typeParam Event the events that may be logged, so that a name nobody knows does not compile.
 */
export interface Logger<Event extends string = LogEvent> {
  /** Every acquire writes such a line: a logger without it costs nothing. */
  debug?(event: Event, fields?: Record<string, unknown>): void;
  info(event: Event, fields?: Record<string, unknown>): void;
  warn(event: Event, fields?: Record<string, unknown>): void;
  error(event: Event, fields?: Record<string, unknown>): void;
}

/** Writes a line. What writes it is somebody else's: one that throws is told of, and whatever the line is about goes on. */
export function writeLine(
  logger: Logger,
  level: "debug" | "info" | "warn" | "error",
  event: LogEvent,
  fields: object,
): void {
  const write = logger[level];
  if (write !== undefined) callOnlooker(`the logger's ${level}()`, write, logger, [event, fields]);
}

/**
 * A logger that writes to the console: one JSON object a line, or a line for eyes.
 *
 * @param format `json` for machines, `pretty` for a terminal.
 * @param debug whether `debug` events are written too.
 */
export function consoleLogger<Event extends string = LogEvent>({
  format,
  debug,
}: {
  format: "json" | "pretty";
  debug: boolean;
}): Logger<Event> {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (event: Event, fields: object = {}) => {
      const line =
        format === "json"
          ? JSON.stringify({ time: new Date().toISOString(), level, event, ...fields })
          : `${event}${Object.entries(fields)
              .map(([name, value]) => ` ${name}=${show(value)}`)
              .join("")}`;
      console[level](line);
    };
  return {
    ...(debug ? { debug: write("debug") } : {}),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

function show(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a log may say of an error. */
export interface ErrorDescription {
  readonly kind: ErrorKind;
  readonly name: string;
  readonly sqlstate?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
}

/**
 * Describes an error for a log: what kind it is and where the server saw it.
 * The message stays out: the server writes row values into it (`Key (email)=(…) already exists`), Drizzle the parameters.
 */
export function describeError(error: unknown): ErrorDescription {
  const { kind, sqlstate } = classifyError(error);
  const cause = rootCause(error);
  return {
    kind,
    name: isError(error) ? error.name : typeof error,
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...pickStrings(cause, ["constraint", "table", "column"]),
  };
}

function rootCause(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 10 && isError(current) && current.cause !== undefined; depth++) {
    current = current.cause;
  }
  return current;
}

function pickStrings(source: unknown, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  if (typeof source !== "object" || source === null) return picked;
  for (const name of names) {
    const value: unknown = Reflect.get(source, name);
    if (typeof value === "string") picked[name] = value;
  }
  return picked;
}
