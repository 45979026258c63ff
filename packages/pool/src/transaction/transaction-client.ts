import pg from "pg";
import { isReusable, resetSession } from "../connection/reset.ts";
import { CommitUnknownError, TransactionAbortedError, TransactionOverError } from "../errors/errors.ts";
import { redactError, redactParameters } from "../errors/redact.ts";
import type { Client } from "../query/client.ts";
import type { Prelude } from "../query/local-settings.ts";
import { isStale } from "../query/stale-statement.ts";
import type { CallSite } from "../telemetry/call-site.ts";

/** The statement forms that are sent through here. */
export type QueryInput = string | pg.QueryConfig;

/** The same statement, which says where it comes from. */
export function located(statement: QueryInput, callSite: CallSite | undefined): QueryInput {
  if (callSite === undefined) return statement;
  const config = typeof statement === "string" ? { text: statement } : statement;
  return Object.assign({ callSite }, config);
}

/** Statements, by the first word of their answer, whose effect may outlast the transaction. */
const TOUCHING_COMMANDS = /^(SET|RESET|LISTEN|UNLISTEN|PREPARE|DISCARD|LOAD|CREATE|DO|CALL)$/;
/** Functions whose effect may outlast it. */
const TOUCHING_FUNCTIONS = /set_config|pg_(try_)?advisory_lock/i;

/** Whether a statement may have changed the session for those who come after. */
export function touchesSession(text: string, command: string | undefined): boolean {
  return TOUCHING_COMMANDS.test(command ?? "") || TOUCHING_FUNCTIONS.test(text);
}

/** Whether a pool's client is one of ours, whose class may be that of another copy of this package. */
export function isOurs<T extends object>(client: T): client is T & Pick<Client, "queryAfter"> {
  return "queryAfter" in client;
}

const COMMIT = "commit";
const ROLLBACK = "rollback";

/**
 * The connection of one transaction, in the shape that Drizzle's `transaction()` drives: its first statement is BEGIN,
 * its last COMMIT or ROLLBACK, then `release()`.
 *
 * - BEGIN that fails gives the connection back by itself, because Drizzle 0.45 does not release it then.
 * - `settings` travel together with BEGIN and end with the transaction.
 * - COMMIT is judged by its answer: Postgres answers ROLLBACK, without an error, when a statement had failed.
 * - ROLLBACK never throws, so that it cannot mask the error that led to it.
 * - Statements go out one after the other, also under `Promise.all`.
 */
export class TransactionClient {
  readonly #client: pg.PoolClient;
  readonly #settings: Prelude | undefined;
  #state: "new" | "open" | "over" = "new";
  #released = false;
  #reusable = true;
  #touched = false;
  #tail: Promise<unknown> = Promise.resolve();
  #rollbackError: unknown;

  constructor(client: pg.PoolClient, settings?: Prelude) {
    this.#client = client;
    this.#settings = settings;
  }

  at(callSite: CallSite): LocatedTransaction {
    return new LocatedTransaction(this, callSite);
  }

  /** The connection itself, to tell who holds it. */
  get client(): pg.PoolClient {
    return this.#client;
  }

  /** Why ROLLBACK could not be sent or was not answered, if so: the server then rolls back by itself. */
  get rollbackError(): unknown {
    return this.#rollbackError;
  }

  /**
   * @throws {TransactionOverError} the transaction has ended; nothing was sent.
   * @throws {CommitUnknownError} the connection was lost during COMMIT.
   * @throws {TransactionAbortedError} COMMIT was answered with ROLLBACK.
   */
  query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    const result = this.#tail.then(() => this.#run(statement, values));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Drizzle 1.0 listens for the connection's errors while a transaction runs. */
  on(event: "error", listener: (error: Error) => void): void {
    this.#client.on(event, listener);
  }

  off(event: "error", listener: (error: Error) => void): void {
    this.#client.off(event, listener);
  }

  /** Gives the connection back; the second call does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#state = "over";
    this.#client.release(!this.#reusable);
  }

  #run(statement: QueryInput, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const text = typeof statement === "string" ? statement : statement.text;
    if (this.#state === "over") {
      if (text === ROLLBACK) return Promise.resolve(emptyResult("ROLLBACK"));
      return Promise.reject(new TransactionOverError("this transaction has ended; start another one"));
    }
    if (this.#state === "new") return this.#begin(text);
    if (text === COMMIT) return this.#commit();
    if (text === ROLLBACK) return this.#rollback();
    return this.#send(statement, values);
  }

  async #begin(text: string): Promise<pg.QueryResult> {
    try {
      const begun = await begin(this.#client, text, this.#settings);
      this.#state = "open";
      return begun;
    } catch (error) {
      this.#reusable = false; // BEGIN may have passed before the settings failed
      this.release();
      throw error;
    }
  }

  async #commit(): Promise<pg.QueryResult> {
    this.#state = "over";
    try {
      const result = await this.#client.query(COMMIT);
      this.#reusable = await this.#isClean();
      if (result.command === "ROLLBACK") {
        throw new TransactionAbortedError(
          "a statement inside the transaction failed and its error was swallowed: COMMIT kept nothing",
        );
      }
      return result;
    } catch (error) {
      if (error instanceof TransactionAbortedError) throw error;
      redactError(error);
      this.#reusable = await isReusable(this.#client, error);
      if (isAnswer(error)) throw error;
      throw new CommitUnknownError(
        "the connection was lost during COMMIT: it may or may not have been kept",
        {
          cause: error,
        },
      );
    }
  }

  async #rollback(): Promise<pg.QueryResult> {
    this.#state = "over";
    try {
      const result = await this.#client.query(ROLLBACK);
      this.#reusable = await this.#isClean();
      return result;
    } catch (error) {
      redactError(error);
      this.#rollbackError = error;
      this.#reusable = false;
      return emptyResult("ROLLBACK");
    }
  }

  /** Whether the next holder may have the connection; what the transaction did to the session is undone first. */
  #isClean(): Promise<boolean> {
    return this.#touched ? resetSession(this.#client) : isReusable(this.#client);
  }

  async #send(statement: QueryInput, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const text = typeof statement === "string" ? statement : statement.text;
    try {
      const result = await this.#client.query(statement, values);
      this.#touched ||= touchesSession(text, result.command);
      return result;
    } catch (error) {
      this.#touched ||= touchesSession(text, undefined); // an advisory lock outlives even a rollback
      if (!(error instanceof pg.DatabaseError)) this.#reusable = false; // lost, or timed out while it still runs
      redactError(error);
      redactParameters(values);
      throw error;
    }
  }
}

/** A transaction as one query sees it: its statements say where they come from. */
class LocatedTransaction {
  readonly #transaction: TransactionClient;
  readonly #callSite: CallSite;

  constructor(transaction: TransactionClient, callSite: CallSite) {
    this.#transaction = transaction;
    this.#callSite = callSite;
  }

  at(callSite: CallSite): LocatedTransaction {
    return this.#transaction.at(callSite);
  }

  query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    return this.#transaction.query(located(statement, this.#callSite), values);
  }
}

/** Begins a transaction with `settings`, in one round trip where the client is ours. */
async function begin(
  client: pg.PoolClient,
  text: string,
  settings: Prelude | undefined,
): Promise<pg.QueryResult> {
  if (settings === undefined) return await client.query(text);
  const values = [...settings.values];
  if (!isOurs(client)) {
    const begun = await client.query(text);
    await client.query(settings.text, values);
    return begun;
  }
  const both = () => client.queryAfter({ text, values: [] }, settings.text, values);
  try {
    return await both();
  } catch (error) {
    // Its names are forgotten by now; BEGIN had passed, or the client itself would have sent it again.
    if (!isStale(error)) throw error;
    await client.query(ROLLBACK);
    return await both();
  }
}

/** Whether the server itself said that COMMIT failed. A FATAL error ends the session at an unknown point. */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === "ERROR";
}

function emptyResult(command: string): pg.QueryResult {
  return { command, rowCount: null, oid: 0, fields: [], rows: [] };
}
