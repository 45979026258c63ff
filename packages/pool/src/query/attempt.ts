import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import { CommitUnknownError } from "../errors/errors.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { isUnsent } from "../errors/unsent.ts";
import { processGlobal } from "../process/process-global.ts";
import { findMisplaced, staysInTransaction } from "../sql/misplaced-statement.ts";
import { mayBeSeveral } from "../sql/several-statements.ts";
import { isConfirmedInterruption } from "./query-timeout.ts";
import { isRead } from "./scoped-query.ts";

/** Whoever sent a statement says how it has ended. */
export type NoteEnd = (error: Error | undefined, result?: pg.QueryResult) => void;

/** A statement, and what is known of it before it is sent. */
interface Statement {
  readonly text: string;
  /** Whether it calls nothing but functions of Postgres that are known to leave nothing behind. */
  readonly isHarmless: boolean;
}

const storage = /* @__PURE__ */ processGlobal("attempt", () => new AsyncLocalStorage<Attempt | undefined>());

/** Answers of statements that begin or end a transaction, and keep nothing. */
const KEEPS_NOTHING = /^(BEGIN|START TRANSACTION|ROLLBACK)$/;

/** One run of work that may be run again, with all that it sends: something of it may have been kept, or nothing was. */
export class Attempt {
  readonly #outer = storage.getStore();
  #underWay = 0;
  #mayHaveKept = false;

  /** Whether anything that this run has sent may be in the database for good. What is still under way may come to be. */
  get mayHaveKept(): boolean {
    return this.#mayHaveKept || this.#underWay > 0;
  }

  during<T>(work: () => Promise<T>): Promise<T> {
    // Awaited inside: what `work` returns may be lazy, as Drizzle's queries are, and start only when it is awaited.
    return storage.run(this, async () => await work());
  }

  /** Something is under way that may keep something: a statement, or a caller who waits to send one. */
  begin(): void {
    this.#underWay++;
    this.#outer?.begin();
  }

  end(mayHaveKept: boolean): void {
    this.#underWay--;
    this.#mayHaveKept ||= mayHaveKept;
    this.#outer?.end(mayHaveKept);
  }

  /** A statement is handed to a client. @returns what to call at its end, before its caller hears of it. */
  follow(client: pg.Client, statement: Statement): NoteEnd {
    this.begin();
    return (error, result) => this.end(!keptNothing(client, statement, error, result));
  }

  /** A cursor or a stream is handed to a client: nobody knows what it sends. In a transaction, its COMMIT tells. */
  noteUnknown(client: pg.Client): void {
    this.begin();
    this.end(!isInTransaction(client));
  }
}

/** What the running code belongs to, where that may be run again. */
export function currentAttempt(): Attempt | undefined {
  return storage.getStore();
}

/** Does what the pool does of its own accord, in whoever's turn: none of it belongs to their work. */
export function outsideAttempts<T>(work: () => T): T {
  return currentAttempt() === undefined ? work() : storage.run(undefined, work);
}

/** Whether nothing of a statement that has ended is in the database, by what is known to be so. */
function keptNothing(
  client: pg.Client,
  { text, isHarmless }: Statement,
  error: Error | undefined,
  result: pg.QueryResult | undefined,
): boolean {
  if (isHarmless && isRead(text)) return true;
  if (isUnsent(error)) return true;
  if (mayBeSeveral(text)) return false;
  const isControl = findMisplaced(text)?.kind === "control";
  if (result !== undefined) return isControl ? KEEPS_NOTHING.test(result.command) : isInTransaction(client);
  // Refused, it may have committed on its way all the same, as a procedure does; in a transaction of its caller's it cannot.
  const hasEnded =
    !(error instanceof CommitUnknownError) && (isStatementError(error) || isConfirmedInterruption(error));
  if (hasEnded) return isControl || isInTransaction(client) || staysInTransaction(text);
  return isInTransaction(client) && !isControl;
}

/** As of the last answer that was complete: an error arrives before it. */
function isInTransaction(client: pg.Client): boolean {
  const status = client.getTransactionStatus();
  return status === "T" || status === "E";
}
