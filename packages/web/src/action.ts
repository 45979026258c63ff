import { databaseUnavailable, logError } from "./database-unavailable.ts";

/** What an action returns when the database does not answer. Show `error` beside the form. */
export interface ActionFailure {
  ok: false;
  error: string;
}

const NOTHING_SAVED = "The database cannot be reached right now. Nothing was saved; please try again.";
const PERHAPS_SAVED =
  "The connection to the database was lost. Please check whether your change was saved before you try again.";

/**
 * Wraps a server action. Where the database is unavailable, the form gets a message instead of an error page; redirect(),
 * notFound() and every other error pass through.
 *
 * Actions need no `assertSameOrigin`: Next refuses one whose Origin is not its Host before it runs.
 *
 * @param action should do its writes in one transaction, or the message may promise too much.
 * @param route the form's place, for the log, such as `/documents: upload`.
 */
export function guardAction<Args extends unknown[], Result>(
  route: string,
  action: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result | ActionFailure> {
  return async (...args) => {
    try {
      return await action(...args);
    } catch (error) {
      const unavailable = databaseUnavailable(error);
      if (unavailable === null) throw error;
      logError({ error, route });
      return { ok: false, error: unavailable.notSent ? NOTHING_SAVED : PERHAPS_SAVED };
    }
  };
}
