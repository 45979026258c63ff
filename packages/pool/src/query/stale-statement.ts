import type pg from "pg";
import { isDatabaseError } from "../errors/server-answer.ts";
import { processGlobal } from "../process/process-global.ts";
import type { PoolQuery } from "./query.ts";

/**
 * The server and we no longer agree on a named statement: its result has changed with the schema (0A000), the server has
 * forgotten it (26000), or knows another one by that name (42P05), which an earlier holder prepared by hand.
 */
const DISAGREES = /^(0A000|26000|42P05)$/;
/**
 * What comes of parameters that keep the types of columns that have others by now: no operator, no assignment, no conversion, no such
 * input, a domain that does not allow it; or of a type that was dropped and made anew, which the server looks for in vain by its old number (XX000).
 */
const CONCERNS_TYPES = /^(22|23502|23514|42804|42846|42883|42725|42P18|XX000)/;

/** Errors of statements that were refused for what was prepared, before anything was executed. */
const stale = /* @__PURE__ */ processGlobal("stale-statements", () => new WeakSet<Error>());

/** Whether this is the error of a statement that failed for having a name, and of which nothing was executed. */
export function isStale(error: unknown): error is pg.DatabaseError {
  return isDatabaseError(error) && stale.has(error);
}

/** Whether parameters that keep their types may be the reason, so that only another attempt can tell. */
export function concernsTypes({ code }: pg.DatabaseError): boolean {
  return CONCERNS_TYPES.test(code ?? "");
}

/** Judges a statement's error as it arrives, by what the server had done until then, not by words. */
export function judgeStale(error: unknown, query: PoolQuery): error is pg.DatabaseError {
  if (!isDatabaseError(error) || query.failedNames.length === 0) return false;
  if (!query.wasRefusedUnexecuted) return false;
  const isStale = DISAGREES.test(error.code ?? "") || (query.wasParsed && concernsTypes(error));
  if (isStale) stale.add(error);
  return isStale;
}
