import pg from "pg";
import { CommitUnknownError } from "../errors/errors.ts";
import type { Connection } from "../pg/internals.ts";
import type { Prelude } from "./local-settings.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import { type Callback, PoolQuery } from "./query.ts";

/** Statements that leave nothing behind which could be in doubt, by their first word. */
const READS = /^\s*(select|values|table|show)\b/i;

/**
 * Two statements in one flight: `prelude`, of whose answer only an error is of interest, and the statement itself.
 *
 * All that is sent before one Sync is one transaction
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING): what `prelude` sets locally holds for
 * the statement and ends with it, whichever way it ends. Where `prelude` is BEGIN, the transaction stays open.
 */
export class ScopedQuery extends PoolQuery {
  readonly prelude: Prelude;
  preludeName = "";
  /** Its own, while the answer to `prelude` is awaited: pg files what the server has parsed under `name` and `text`. */
  main: { readonly name: string | undefined; readonly text: string | undefined } | undefined;
  isSent = false;
  isDone = false;

  constructor(
    prelude: Prelude,
    prepared: PreparedStatements,
    config: unknown,
    values: unknown,
    callback: Callback,
  ) {
    super(prepared, config, values, callback);
    this.prelude = prelude;
    // Instrumentation that writes comments into texts sends a copy of the fields, but not of a statement that has a name.
    this.name ??= "";
  }

  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    super.prepare(connection);
    this.isSent = true;
    this.main = { name: this.name, text: this.text };
    this.name = this.preludeName;
    this.text = this.prelude.text;
  }

  override takeNames(connection: Connection): void {
    this.preludeName = this.prepared.useNow(this.prelude.text, connection);
    super.takeNames(connection);
  }

  override writePrelude(connection: Connection): void {
    const { preludeName: name } = this;
    const { text, values } = this.prelude;
    if (name === "" || connection.parsedStatements[name] === undefined) connection.parse({ name, text });
    connection.bind({ statement: name, values });
    connection.execute({});
  }

  override names(): string[] {
    return this.main?.name ? [...super.names(), this.main.name] : super.names();
  }

  override handleDataRow(message: unknown): void {
    if (this.main === undefined) super.handleDataRow(message);
  }

  override handleCommandComplete(message: { text: string }, connection: Connection): void {
    if (this.main !== undefined) {
      this.switchToMain();
      return;
    }
    this.isDone = true;
    super.handleCommandComplete(message, connection);
  }

  override handleError(error: Error, connection: Connection): void {
    const skipped = this.main?.name; // the server has not read its Parse
    if (skipped !== undefined) delete connection.submittedNamedStatements[skipped];
    super.handleError(error, connection);
  }

  override mapError(error: Error): Error {
    this.switchToMain();
    return this.isInDoubt(error) ? lost(error) : error;
  }

  switchToMain(): void {
    if (this.main === undefined) return;
    this.name = this.main.name;
    this.text = this.main.text;
    this.main = undefined;
  }

  /** Whether the server may have committed it although its answer is missing: the Sync that commits was sent along. */
  isInDoubt(error: Error): boolean {
    if (!this.isSent || READS.test(this.text ?? "")) return false;
    if (!(error instanceof pg.DatabaseError)) return true;
    return this.isDone && error.severity !== "ERROR";
  }
}

function lost(cause: Error): CommitUnknownError {
  return new CommitUnknownError(
    "the connection was lost while the statement was under way: it may or may not have been kept",
    { cause },
  );
}
