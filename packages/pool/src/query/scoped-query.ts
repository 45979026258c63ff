import pg from "pg";
import { CommitUnknownError } from "../errors/errors.ts";
import type { Wire } from "../pg/internals.ts";
import type { Companion } from "./local-settings.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import { type Callback, Statement } from "./query.ts";

/** Statements that leave nothing behind which could be in doubt, by their first word. */
const READS = /^\s*(select|values|table|show)\b/i;

/**
 * Two statements in one flight: `first`, of whose answer only an error is of interest, and the statement itself.
 *
 * All that is sent before one Sync is one transaction
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING): what `first` sets locally holds for
 * the statement and ends with it, whichever way it ends. Where `first` is BEGIN, the transaction stays open.
 */
export class ScopedQuery extends Statement {
  readonly first: Companion;
  firstName = "";
  /** Its own, while the answer to `first` is awaited: pg files what the server has parsed under `name` and `text`. */
  own: { readonly name: string | undefined; readonly text: string | undefined } | undefined;
  isSent = false;
  isDone = false;

  constructor(
    first: Companion,
    prepared: PreparedStatements,
    config: unknown,
    values: unknown,
    callback: Callback,
  ) {
    super(prepared, config, values, callback);
    this.first = first;
    // Instrumentation that writes comments into texts sends a copy of the fields, but not of a statement that has a name.
    this.name ??= "";
  }

  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(wire: Wire): void {
    super.prepare(wire);
    this.isSent = true;
    this.own = { name: this.name, text: this.text };
    this.name = this.firstName;
    this.text = this.first.text;
  }

  override takeNames(wire: Wire): void {
    this.firstName = this.prepared.useNow(this.first.text, wire);
    super.takeNames(wire);
  }

  override writeFirst(wire: Wire): void {
    const { firstName: name } = this;
    const { text, values } = this.first;
    if (name === "" || wire.parsedStatements[name] === undefined) wire.parse({ name, text });
    wire.bind({ statement: name, values });
    wire.execute({});
  }

  override names(): string[] {
    return this.own?.name ? [...super.names(), this.own.name] : super.names();
  }

  override handleDataRow(message: unknown): void {
    if (this.own === undefined) super.handleDataRow(message);
  }

  override handleCommandComplete(message: { text: string }, wire: Wire): void {
    if (this.own !== undefined) {
      this.becomeOwn();
      return;
    }
    this.isDone = true;
    super.handleCommandComplete(message, wire);
  }

  override handleError(error: Error, wire: Wire): void {
    const skipped = this.own?.name; // the server has not read its Parse
    if (skipped !== undefined) delete wire.submittedNamedStatements[skipped];
    super.handleError(error, wire);
  }

  override judged(error: Error): Error {
    this.becomeOwn();
    return this.isInDoubt(error) ? lost(error) : error;
  }

  becomeOwn(): void {
    if (this.own === undefined) return;
    this.name = this.own.name;
    this.text = this.own.text;
    this.own = undefined;
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
