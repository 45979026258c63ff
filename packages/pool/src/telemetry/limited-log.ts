import { type LogEvent, type Logger, writeLine } from "./logger.ts";

/** Whose lines they are: on every one of them. */
export interface LogContext {
  readonly poolName: string;
  readonly mode: "pool" | "single-client";
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
const LIMITS: Partial<Record<LogEvent, Limit>> = {
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
 * A pool's log: each line says whose it is, and many of one event and kind become few. What was left out is counted on the last
 * of them, which is written when the window is over.
 */
export class LimitedLog implements Logger {
  readonly keepsFields = true;
  readonly debug: Logger["debug"];
  readonly #logger: Logger;
  readonly #context: object;
  readonly #windows = new Map<string, Window>();

  constructor(logger: Logger, context: LogContext) {
    this.#logger = logger;
    this.#context = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
    if (logger.debug !== undefined)
      this.debug = (event, fields) => writeLine(logger, "debug", event, { ...fields, ...this.#context });
  }

  info(event: LogEvent, fields: Record<string, unknown> = {}): void {
    this.write("info", event, kindOf(fields), () => fields);
  }

  warn(event: LogEvent, fields: Record<string, unknown> = {}): void {
    this.write("warn", event, kindOf(fields), () => fields);
  }

  error(event: LogEvent, fields: Record<string, unknown> = {}): void {
    this.write("error", event, kindOf(fields), () => fields);
  }

  /** @param fields is called for a line that is written, so that those that are not cost nothing. */
  write(level: Level, event: LogEvent, kind: string, fields: () => object): void {
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

  #end(key: string, level: Level, event: LogEvent): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (window === undefined || window.held === 0) return;
    this.#tell(level, event, { ...window.last(), suppressed: window.held - 1 });
  }

  #tell(level: Level, event: LogEvent, fields: object): void {
    writeLine(this.#logger, level, event, { ...fields, ...this.#context });
  }
}

/** What a logger is to a pool, with its name on it; one that has it already stays as it is. */
export function limitedLog(logger: Logger, context: LogContext): LimitedLog {
  return logger instanceof LimitedLog ? logger : new LimitedLog(logger, context);
}

function kindOf({ kind, error }: Record<string, unknown>): string {
  return String(kind ?? error ?? "");
}
