/** How deep to look: Drizzle, instrumentation and this package are deeper than the ten frames that V8 keeps by default. */
const FRAMES = 30;
/** Frames of this package, of its drivers, of Node and of the language. */
const INTERNAL = /packages\/pool\/src|node_modules|node:|<anonymous>\)?$/;

/** Where code asked for something. Taking it costs a few microseconds; its text is made when somebody reads it. */
export class CallSite {
  readonly #trace: { stack?: string } = {};

  /** @param above a function that is on the stack: the place is sought above it. */
  constructor(above?: (...call: never[]) => unknown) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(this.#trace, above ?? CallSite);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** The first frame outside this package and its drivers: function, file, line, column. None where the stack begins there. */
  get place(): string | undefined {
    const frames = this.#trace.stack?.split("\n").slice(1) ?? [];
    return frames
      .find((line) => !INTERNAL.test(line))
      ?.trim()
      .replace(/^at /, "");
  }

  toString(): string {
    return this.place ?? "unknown place";
  }
}

/** What a statement's configuration says of the place it comes from. */
export function callSiteOf(statement: unknown): CallSite | undefined {
  if (typeof statement !== "object" || statement === null || !("callSite" in statement)) return undefined;
  return statement.callSite instanceof CallSite ? statement.callSite : undefined;
}
