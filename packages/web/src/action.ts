import { ActionInputError } from "./action-input.ts";
import { noteCurrentRoute, respondWith } from "./current-response.ts";
import { databaseUnavailable } from "./database-unavailable.ts";
import { log } from "./log.ts";
import { logError, noteRoute } from "./log-error.ts";

/** What an action returns when it could not be done. Show `error` beside the form. */
export interface ActionFailure {
  ok: false;
  error: string;
}

const MALFORMED = "That could not be read. Nothing was saved; please load the page again.";
const NOTHING_SAVED = "The database cannot be reached right now. Nothing was saved; please try again.";
const PERHAPS_SAVED =
  "The connection to the database was lost. Please check whether your change was saved before you try again.";

/**
 * Wraps a server action. Where the database is unavailable, the form gets a message instead of an error page; where the
 * arguments are not what `readInput` takes, one with status 400. redirect(), notFound() and every other error pass through.
 *
 * Actions need no `assertSameOrigin`: `refuse-early.ts` has looked.
 *
 * @param action should do its writes in one transaction, or the message may promise too much.
 * @param route the form's place, for the log, such as `/documents: upload`.
 */
export function guardAction<Args extends unknown[], Result>(
  route: string,
  action: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result | ActionFailure> {
  return async (...args) => {
    noteCurrentRoute(route);
    try {
      return await action(...args);
    } catch (error) {
      if (error instanceof ActionInputError) {
        log.warn("web.action_refused", { route, reasons: error.reasons });
        respondWith(400);
        return { ok: false, error: MALFORMED };
      }
      const unavailable = databaseUnavailable(error);
      if (unavailable === null) {
        noteRoute(error, route);
        throw error;
      }
      logError(error, { route });
      return { ok: false, error: unavailable.notSent ? NOTHING_SAVED : PERHAPS_SAVED };
    }
  };
}
