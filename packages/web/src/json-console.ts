import { format } from "node:util";
import { log } from "./log.ts";
import { logError } from "./log-error.ts";
import { processGlobal } from "./process-global.ts";

type Level = "debug" | "log" | "info" | "warn" | "error";

const LEVELS: readonly Level[] = ["debug", "log", "info", "warn", "error"];
/** How long Next may take from its dump of an error to its report, which says where the error was thrown. */
const REPORT_WITHIN_MS = 1_000;

/** Errors that Next has dumped and not reported yet. */
const dumped = processGlobal<Map<object, () => void>>("web/dumped-errors", () => new Map());
const installed = processGlobal("web/json-console", () => ({ done: false }));

/**
 * Makes what Next, libraries and Node say on the console JSON as well, one line each: an error is the line that `logError` makes
 * of it, without its message; text is `web.console`. Our own lines pass. Idempotent.
 */
export function installJsonConsole(): void {
  if (installed.done) return;
  installed.done = true;
  for (const level of LEVELS) {
    const write = console[level].bind(console);
    console[level] = (...said: unknown[]) => {
      if (isOwnLine(said)) write(said[0]);
      else tell(level, said);
    };
  }
  process.removeAllListeners("warning"); // Node's own, which writes two lines
  process.on("warning", (warning) => tell("warn", [`${warning.name}: ${warning.message}`]));
  process.on("exit", () => {
    for (const write of dumped.values()) write();
  });
}

function isOwnLine(said: readonly unknown[]): boolean {
  const [line] = said;
  return said.length === 1 && typeof line === "string" && line.startsWith('{"time":"');
}

function tell(level: Level, said: readonly unknown[]): void {
  const error = said.find((each) => each instanceof Error);
  if (error === undefined) {
    const message = format(...said).trim();
    if (message === "") return;
    log[level === "log" || level === "debug" ? "info" : level]("web.console", { message });
    return;
  }
  const text = said.filter((each) => typeof each === "string").join(" ");
  const write = () => {
    dumped.delete(error);
    logError(error, { said: text });
  };
  if (dumped.has(error)) return;
  dumped.set(error, write);
  setTimeout(write, REPORT_WITHIN_MS).unref();
}

/** What Next's `onRequestError` is told: the error was thrown while `routePath` was answered. */
export function reportRequestError(error: unknown, { routePath }: { readonly routePath: string }): void {
  if (typeof error === "object" && error !== null) dumped.delete(error);
  if (isUnreadableForm(error))
    log.warn("web.action_refused", { route: routePath, reasons: ["form: unreadable"] });
  else logError(error, { route: routePath });
}

/** Next reads a form before any code of ours: a body that is none is its sender's fault, and nobody is to be woken for it. */
const isUnreadableForm = (error: unknown): boolean =>
  error instanceof TypeError && error.message === "Failed to parse body as FormData.";
