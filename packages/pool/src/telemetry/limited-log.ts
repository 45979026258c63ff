import { type LogEvent, type Logger, writeLine } from "./logger.ts";

/** Whose lines they are: on every one of them. */
export interface LogContext {
  readonly poolName?: string | undefined;
  readonly mode?: "pool" | "single-client" | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
}

type Level = "info" | "warn" | "error";

/** Lines of one event and kind in a window of so many milliseconds; what comes beyond is counted. */
interface Limit {
  readonly lines: number;
  readonly windowMs: number;
}
const USUAL: Limit = { lines: 10, windowMs: 5_000 };
/** Every caller of a full pool makes one of these, and one says what all would. */
const CROWDED: Limit = { lines: 1, windowMs: 1_000 };
const LIMITS: Readonly<Record<string, Limit | undefined>> & Partial<Record<LogEvent, Limit>> = {
  "db.pool.acquire_timeout": CROWDED,
  "db.pool.shed": CROWDED,
  "db.query.slow": { lines: 20, windowMs: 5_000 }, // of several texts
};

interface Window {
  lines: number;
  /** Not written yet. */
  held: number;
  last: () => object;
}

/**
 * A log whose lines say whose they are, and of which many of one event and kind become few. What was left out is counted on the
 * last of them, which is written when the window is over.
 */
export class LimitedLog<Event extends string = LogEvent> implements Logger<Event> {
  readonly keepsFields = true;
  readonly debug: Logger<Event>["debug"];
  readonly #logger: Logger<Event>;
  readonly #context: object;
  readonly #windows = new Map<string, Window>();

  constructor(logger: Logger<Event>, context: LogContext) {
    this.#logger = logger;
    this.#context = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
    if (logger.debug !== undefined)
      this.debug = (event, fields) => writeLine(logger, "debug", event, { ...fields, ...this.#context });
  }

  info(event: Event, fields: Record<string, unknown> = {}): void {
    this.write("info", event, kindOf(fields), () => fields);
  }

  warn(event: Event, fields: Record<string, unknown> = {}): void {
    this.write("warn", event, kindOf(fields), () => fields);
  }

  error(event: Event, fields: Record<string, unknown> = {}): void {
    this.write("error", event, kindOf(fields), () => fields);
  }

  /** @param fields is called for a line that is written, so that those that are not cost nothing. */
  write(level: Level, event: Event, kind: string, fields: () => object): void {
    const key = `${event} ${kind}`;
    const { lines, windowMs } = LIMITS[event] ?? USUAL;
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = { lines: 0, held: 0, last: fields };
      this.#windows.set(key, window);
      setTimeout(() => this.#end(key, level, event), windowMs).unref();
    }
    if (window.lines < lines) {
      window.lines++;
      this.#tell(level, event, fields());
      return;
    }
    window.held++;
    window.last = fields;
  }

  #end(key: string, level: Level, event: Event): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (window === undefined || window.held === 0) return;
    this.#tell(level, event, { ...window.last(), suppressed: window.held - 1 });
  }

  #tell(level: Level, event: Event, fields: object): void {
    writeLine(this.#logger, level, event, { ...fields, ...this.#context });
  }
}

/** A logger with limits, and with whose lines they are; one that has them already stays as it is. */
export function limitedLog<Event extends string = LogEvent>(
  logger: Logger<Event>,
  context: LogContext = {},
): LimitedLog<Event> {
  return logger instanceof LimitedLog ? logger : new LimitedLog(logger, context);
}

function kindOf({ kind, reason, error }: Record<string, unknown>): string {
  return String(kind ?? reason ?? error ?? "");
}
