import { callOnlooker } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { PoolError } from "../errors/errors.ts";

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
  | "db.pool.acquire_timeout"
  | "db.pool.shed"
  | "db.pool.recovered"
  | "db.pool.names_off"
  | "db.pool.budget"
  | "db.pool.sized"
  | "db.host.failed"
  | "db.host.role_changed"
  | "db.host.fenced"
  | "db.health.changed"
  | "db.query.slow";

/**
 * Where the pool writes. `keepsFields` is there because a function that takes the event alone, or takes fields for something
 * else, would fit without it: `console`, `pino()`. `fields` never carry SQL parameters, row values or secrets.
 *
 * @typeParam Event the events that may be logged, so that a name nobody knows does not compile.
 */
export interface Logger<Event extends string = LogEvent> {
  /** Says that the fields are written, too. */
  readonly keepsFields: true;
  /** Every acquire writes such a line: a logger without it costs nothing. */
  debug?: ((event: Event, fields?: Record<string, unknown>) => void) | undefined;
  info(event: Event, fields?: Record<string, unknown>): void;
  warn(event: Event, fields?: Record<string, unknown>): void;
  error(event: Event, fields?: Record<string, unknown>): void;
}

/** Writes a line. What writes it is somebody else's: one that throws is told of, and whatever the line is about goes on. */
export function writeLine<Event extends string>(
  logger: Logger<Event>,
  level: "debug" | "info" | "warn" | "error",
  event: Event,
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
          ? json({ time: new Date().toISOString(), level, event, ...fields })
          : `${event}${Object.entries(fields)
              .map(([name, value]) => ` ${name}=${show(value)}`)
              .join("")}`;
      console[level](line);
    };
  return {
    keepsFields: true,
    ...(debug ? { debug: write("debug") } : {}),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

/** What is needed of pino, or of a logger that takes fields in front of the message as it does. */
export interface FieldsFirstLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  isLevelEnabled?(level: string): boolean;
}

/** A logger that writes to pino: the event is the message, and a field by which lines are found. Debug lines as pino's level says. */
export function pinoLogger<Event extends string = LogEvent>(pino: FieldsFirstLogger): Logger<Event> {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (event: Event, fields: object = {}) =>
      pino[level]({ event, ...fields }, event);
  return {
    keepsFields: true,
    ...(pino.isLevelEnabled?.("debug") === true ? { debug: write("debug") } : {}),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}

function show(value: unknown): string {
  return typeof value === "string" ? value : json(value);
}

/** Whoever writes a line has something else to do: what JSON has no word for ends neither that nor the line. */
function json(value: unknown): string {
  const above: unknown[] = [];
  return JSON.stringify(value, function (this: unknown, _name, each: unknown) {
    if (typeof each === "bigint") return String(each);
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (typeof each !== "object" || each === null) return each;
    if (above.includes(each)) return "[circular]";
    above.push(each);
    return each;
  });
}

/** What a log may say of an error. */
export interface ErrorDescription {
  readonly kind: ErrorKind;
  readonly name: string;
  /** Of this package's errors, or of Node's: `POOL_ACQUIRE_TIMEOUT`, `ECONNREFUSED`. The server's is its `sqlstate`. */
  readonly code?: string;
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
  const chain = chainOf(error);
  const code = codeOf(chain);
  const cause = chain.at(-1);
  return {
    kind,
    name: isError(error) ? error.name : typeof error,
    ...(code === undefined ? {} : { code }),
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...pickStrings(cause, ["constraint", "table", "column"]),
  };
}

/** An error and its causes. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let last = error; chain.length <= 10 && isError(last) && last.cause !== undefined; ) {
    last = last.cause;
    chain.push(last);
  }
  return chain;
}

const NODE_CODE = /^(E[A-Z_]+|[A-Z]+(_[A-Z0-9]+)+)$/;

/** What this package says of an error counts before what Node says. */
function codeOf(chain: readonly unknown[]): string | undefined {
  const own = chain.find((each) => each instanceof PoolError);
  if (own instanceof PoolError) return own.code;
  for (const each of chain) {
    const code: unknown = typeof each === "object" && each !== null ? Reflect.get(each, "code") : undefined;
    if (typeof code === "string" && NODE_CODE.test(code)) return code;
  }
  return undefined;
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
