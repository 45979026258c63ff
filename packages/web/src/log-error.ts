import { databaseContext, getPoolStats } from "@openhouse/db/client";
import { describeError } from "@openhouse/pool";
import { databaseUnavailable } from "./database-unavailable.ts";
import { log } from "./log.ts";
import { processGlobal } from "./process-global.ts";
import { stackFrames } from "./stack-frames.ts";

interface Told {
  /** Errors that a line stands for already: Next tells of one up to three times. */
  readonly errors: WeakSet<object>;
  /** Where an error was thrown, as our wrappers of pages and actions know it better than Next. */
  readonly routes: WeakMap<object, string>;
}

const told = processGlobal<Told>("web/log-error", () => ({ errors: new WeakSet(), routes: new WeakMap() }));

/**
 * Logs an error as one line, once: kind, SQLSTATE and route; where the database is concerned, which one; the pool's figures
 * where it is unavailable, and where it was thrown in every other case. No message: servers and Drizzle write values into it.
 */
export function logError(
  error: unknown,
  { route, said }: { route?: string | undefined; said?: string },
): void {
  if (isObject(error)) {
    if (told.errors.has(error)) return;
    told.errors.add(error);
  }
  const description = describeError(error);
  const fields = {
    route: routeOf(error) ?? route,
    ...(said ? { said } : {}),
    ...description,
    ...(description.kind === "unknown" ? {} : databaseContext()),
  };
  if (databaseUnavailable(error) !== null)
    log.error("web.database_unavailable", { ...fields, pool: getPoolStats() });
  else log.error("web.unexpected_error", { ...fields, ...digestOf(error), at: stackFrames(error) });
}

/** Remembers where an error comes from that goes on to Next, whose report leads to its line. */
export function noteRoute(error: unknown, route: string): void {
  if (isObject(error)) told.routes.set(error, route);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function routeOf(error: unknown): string | undefined {
  return isObject(error) ? told.routes.get(error) : undefined;
}

/** By what a visitor's error page names the error. */
function digestOf(error: unknown): { digest?: string } {
  const digest: unknown = isObject(error) ? Reflect.get(error, "digest") : undefined;
  return typeof digest === "string" ? { digest } : {};
}
