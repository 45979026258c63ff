/** How deep to look: Drizzle, instrumentation and this package are deeper than the ten frames that V8 keeps by default. */
const FRAMES = 30;
/** Files of this package, of its drivers and of Node. */
const INTERNAL = /packages\/pool\/(src|dist)|node_modules|^node:/;
/** This file, or the one that it is published in, but where an application's bundler has put it into another. */
const OWN = /[\\/](telemetry[\\/]call-site\.[cm]?[jt]s|pool[\\/]dist[\\/]shared\.js)$/;

/** Where code asked for something. Taking it costs a few microseconds; its text is made when somebody reads it. */
export class CallSite {
  readonly #trace: { stack?: unknown } = {};

  /** @param above a function that is on the stack: the place is sought above it. */
  constructor(above?: (...call: never[]) => unknown) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    Error.captureStackTrace(this.#trace, above ?? CallSite);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /**
   * The first frame outside this package and its drivers: function, file, line, column, in the sources where the process
   * has their maps (`process.setSourceMapsEnabled`). None where the stack begins there, and none in a bundle without maps:
   * nothing tells whose code its frames are. A bundle's functions have names of its own, such as `a.s.a.select.id`, so that
   * there the place is told without.
   */
  get location(): string | undefined {
    const isBundled = !OWN.test(ownFile());
    for (const frame of framesOf(this.#trace)) {
      const { file, line, column, isMapped } = inSources(frame);
      if (file === "" || INTERNAL.test(file) || (isBundled && !isMapped)) continue;
      const name = isBundled ? null : frame.getFunctionName();
      return name === null ? `${file}:${line}:${column}` : `${name} (${file}:${line}:${column})`;
    }
    return undefined;
  }

  toString(): string {
    return this.location ?? "unknown";
  }
}

/** What a statement's configuration says of the place it comes from. */
export function callSiteOf(statement: unknown): CallSite | undefined {
  if (typeof statement !== "object" || statement === null || !("callSite" in statement)) return undefined;
  return isCallSite(statement.callSite) ? statement.callSite : undefined;
}

/** Another copy of this package in the process has a class of its own. */
function isCallSite(value: unknown): value is CallSite {
  return typeof value === "object" && value !== null && "location" in value;
}

/** V8 formats a stack when it is first read, by `Error.prepareStackTrace`. Frameworks set one of their own, so we do, too. */
function framesOf(trace: { stack?: unknown }): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_error, frames) => frames;
  const { stack } = trace;
  Error.prepareStackTrace = prepareStackTrace;
  return Array.isArray(stack) ? stack : [];
}

function ownFile(): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace);
  return framesOf(trace)[0]?.getFileName() ?? "";
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly isMapped: boolean;
}

function inSources(frame: NodeJS.CallSite): Place {
  const file = (frame.getFileName() ?? "").replace(/^file:\/\//, "");
  const line = frame.getLineNumber() ?? 0;
  const column = frame.getColumnNumber() ?? 0;
  const source = process
    .getBuiltinModule("node:module")
    .findSourceMap(file)
    ?.findEntry(line - 1, column - 1);
  if (source === undefined || !("originalSource" in source)) return { file, line, column, isMapped: false };
  return {
    file: source.originalSource.replace(/^file:\/\//, ""),
    line: source.originalLine + 1,
    column: source.originalColumn + 1,
    isMapped: true,
  };
}
