import { databaseTrouble, logDatabaseTrouble } from "./database-trouble.ts";

/** What an action returns when the database does not answer. Show `error` beside the form. */
export interface ActionFailure {
  ok: false;
  error: string;
}

const NOTHING_SAVED = "The database cannot be reached right now. Nothing was saved; please try again.";
const PERHAPS_SAVED =
  "The connection to the database was lost. Please check whether your change was saved before you try again.";

/**
 * Wraps a server action. On database trouble the form gets a message instead of an error page; redirect(),
 * notFound() and every other error pass through.
 *
 * Actions need no `assertSameOrigin`: Next refuses one whose Origin is not its Host before it runs.
 *
 * @param action should do its writes in one transaction, or the message may promise too much.
 * @param route the form's place, for the log, such as `/documents: upload`.
 */
export function calmAction<Args extends unknown[], Result>(
  route: string,
  action: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result | ActionFailure> {
  return async (...args) => {
    try {
      return await action(...args);
    } catch (error) {
      const trouble = databaseTrouble(error);
      if (trouble === null) throw error;
      logDatabaseTrouble({ error, route });
      return { ok: false, error: trouble.notSent ? NOTHING_SAVED : PERHAPS_SAVED };
    }
  };
}
