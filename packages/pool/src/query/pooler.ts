import type { PoolerMode } from "../config/options.ts";
import { SessionRequiredError } from "../errors/errors.ts";
import { sessionNeedOf } from "../sql/session-need.ts";

/**
 * Whether a pooler in front of the server gives each transaction of a connection another session; shared by the connections of a
 * pool. One that was found, and not said to keep sessions, counts as one that shares them: the other mistake would show one
 * caller's settings to another.
 */
export class Pooler {
  readonly #said: PoolerMode;
  readonly #onFound: () => void;
  #isFound = false;

  /** @param onFound hears once that there is one which nobody has told of. */
  constructor(said: PoolerMode, onFound: () => void = () => {}) {
    this.#said = said;
    this.#onFound = onFound;
  }

  /** Whether each connection is to be asked for its backend. */
  get isSought(): boolean {
    return this.#said === "auto" && !this.#isFound;
  }

  get sharesSessions(): boolean {
    return this.#said === "transaction" || this.#isFound;
  }

  /** @param isAnother a connection's backend is another one than the connection was told of. */
  note(isAnother: boolean): void {
    if (!isAnother || !this.isSought) return;
    this.#isFound = true;
    this.#onFound();
  }

  /** Why a text may not be sent where sessions are shared: what it leaves behind would be others'. */
  refusalOf(text: string): SessionRequiredError | undefined {
    const need = this.sharesSessions ? sessionNeedOf(text) : undefined;
    if (need === undefined) return undefined;
    return new SessionRequiredError(
      `${need} needs a session of its own, and the pooler in between gives each transaction another one; nothing was sent. ` +
        "Use a connection to the server itself (DATABASE_URL_DIRECT), what ends with a transaction " +
        "(SET LOCAL, set_config(…, true), pg_advisory_xact_lock), or DB_POOLER=session where the pooler keeps sessions",
    );
  }
}
