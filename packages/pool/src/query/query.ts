import type pg from "pg";
import { tellListeners } from "../async/foreign-code.ts";
import { isError } from "../async/is-error.ts";
import { type Flight, inOneFlight } from "../pg/flight.ts";
import { type Connection, columnsOf, prepareValue, QueryBase, setColumns } from "../pg/internals.ts";
import type { PreparedStatements } from "./prepared-statements.ts";

/** What a statement is told when it ends. */
export type Callback = ConstructorParameters<typeof QueryBase>[2];

/**
 * A `pg.Query` that keeps the named statements of its connection in order: it may get a name by itself, what is no longer
 * wanted is closed in front of it, and a result that was described before is not described again.
 * Nothing in it is `#private`, as instrumentation may put an object of its own before it.
 */
export class PoolQuery extends QueryBase {
  readonly prepared: PreparedStatements;
  /** What was executed by name, when the server has answered with an error. */
  failedNames: readonly string[] = [];
  isDescribed = false;
  /** The statement itself was parsed in an earlier flight, as far as we know. */
  wasParsed = false;
  /** Whether the server has refused it before it executed any of it. */
  wasRefusedUnexecuted = false;

  constructor(prepared: PreparedStatements, config: unknown, values: unknown, callback: Callback) {
    super(config, values, callback);
    this.prepared = prepared;
  }

  override submit(connection: pg.Connection): Error | null {
    this.prepared.beginFlight(this.text ?? "");
    return super.submit(connection);
  }

  override prepare(connection: Connection): void {
    this.takeNames(connection);
    this.wasParsed = Boolean(this.name) && connection.parsedStatements[this.name ?? ""] !== undefined;
    const isWhole = !this.rows; // pg flushes past us else
    inOneFlight(connection, (flight) => {
      this.prepared.writeCloses(connection);
      this.writePrelude(connection, flight);
      if (isWhole) this.writeMain(connection, flight);
    });
    if (!isWhole) this.writeMain(connection);
  }

  takeNames(connection: Connection): void {
    if (this.name && this.text === undefined) this.text = this.prepared.textOfCaller(this.name);
    const text = this.text ?? "";
    this.name = this.name
      ? this.prepared.useOfCaller(this.name, text, connection)
      : (this.prepared.use(text, connection) ?? this.name);
  }

  /** Writes what goes in front of the statement. */
  writePrelude(_connection: Connection, _flight: Flight): void {}

  /** @param flight none where pg writes at once. */
  writeMain(connection: Connection, flight?: Flight): void {
    const columns = this.isDescribable() ? this.prepared.columnsOf(this.name) : undefined;
    if (columns === undefined || this.name === undefined || flight === undefined) {
      super.prepare(connection);
      return;
    }
    this.isDescribed = true;
    if (columns !== "none") setColumns(this, columns);
    try {
      flight.bind(this.name, this.values ?? [], prepareValue);
      connection.execute({});
    } catch (error) {
      this.handleError(isError(error) ? error : new Error(String(error)), connection);
    }
    connection.sync();
  }

  /** Whether its columns are the same each time: pg may ask for them in another format, or for a few rows at a time. */
  isDescribable(): boolean {
    return !this.binary && !this.rows;
  }

  /** The names that it is executed by. */
  names(): string[] {
    return this.name ? [this.name] : [];
  }

  override handleRowDescription(message: object): void {
    super.handleRowDescription(message);
    this.isDescribed = true;
    if (this.name && this.isDescribable())
      this.prepared.describe(this.name, this.text ?? "", columnsOf(this));
  }

  override handleCommandComplete(message: { text: string }, connection: Connection): void {
    if (!this.isDescribed && this.name && this.isDescribable())
      this.prepared.describe(this.name, this.text ?? "", "none");
    this.prepared.onCommandTag(message.text, this.text ?? "", connection);
    super.handleCommandComplete(message, connection);
  }

  override handleReadyForQuery(connection: Connection): void {
    this.prepared.onReady();
    super.handleReadyForQuery(connection);
  }

  /** Whether a transaction begins in front of it. */
  beginsTransaction(): boolean {
    return false;
  }

  /** How many statements of its flight have been answered. */
  answered(): number {
    return 0;
  }

  override handleError(error: Error, connection: Connection): void {
    this.failedNames = this.names();
    this.wasRefusedUnexecuted = this.prepared.bound <= this.answered();
    const told = this.mapError(error);
    super.handleError(told, connection);
    // pg tells a callback only. A tracer that follows what pg's `query` has returned would wait for the statement's end for good.
    tellListeners(this, "error", [told]);
  }

  /** What its caller is to hear of an error. */
  mapError(error: Error): Error {
    return error;
  }

  /** A COPY is refused only when we say so. Its Sync, where it had one, was swallowed as part of the data. */
  override handleCopyInResponse(connection: Connection): void {
    super.handleCopyInResponse(connection);
    if (this.requiresPreparation()) connection.sync();
  }
}
