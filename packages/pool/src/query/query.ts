import { columnsOf, corked, prepareValue, QueryBase, setColumns, type Wire } from "../pg/internals.ts";
import type { PreparedStatements } from "./prepared-statements.ts";

/** What a statement is told when it ends. */
export type Callback = ConstructorParameters<typeof QueryBase>[2];

/**
 * A `pg.Query` that keeps the named statements of its connection in order: it may get a name by itself, what is no longer
 * wanted is closed in front of it, and a result that was described before is not described again.
 * Nothing in it is `#private`, as instrumentation may put an object of its own before it.
 */
export class Statement extends QueryBase {
  readonly prepared: PreparedStatements;
  /** What was executed by name, when the server has answered with an error. */
  failedNames: readonly string[] = [];
  isDescribed = false;

  constructor(prepared: PreparedStatements, config: unknown, values: unknown, callback: Callback) {
    super(config, values, callback);
    this.prepared = prepared;
  }

  override prepare(wire: Wire): void {
    this.takeNames(wire);
    const write = () => {
      this.prepared.writeCloses(wire);
      this.writePrelude(wire);
      this.writeMain(wire);
    };
    if (this.rows)
      write(); // pg flushes past us then
    else corked(wire, write);
  }

  takeNames(wire: Wire): void {
    this.name ||= this.prepared.use(this.text ?? "", wire);
  }

  /** Writes what goes in front of the statement. */
  writePrelude(_wire: Wire): void {}

  writeMain(wire: Wire): void {
    const columns = this.isDescribable() ? this.prepared.columnsOf(this.name) : undefined;
    if (columns === undefined || this.name === undefined) {
      super.prepare(wire);
      return;
    }
    this.isDescribed = true;
    if (columns !== "none") setColumns(this, columns);
    try {
      wire.bind({ statement: this.name, values: this.values, valueMapper: prepareValue });
      wire.execute({});
    } catch (error) {
      this.handleError(error instanceof Error ? error : new Error(String(error)), wire);
    }
    wire.sync();
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
    if (this.name && this.isDescribable()) this.prepared.describe(this.name, columnsOf(this));
  }

  override handleCommandComplete(message: { text: string }, wire: Wire): void {
    if (!this.isDescribed && this.name && this.isDescribable()) this.prepared.describe(this.name, "none");
    this.prepared.onCommandTag(message.text, wire);
    super.handleCommandComplete(message, wire);
  }

  override handleError(error: Error, wire: Wire): void {
    this.failedNames = this.names();
    super.handleError(this.mapError(error), wire);
  }

  /** What its caller is to hear of an error. */
  mapError(error: Error): Error {
    return error;
  }

  /** A COPY is refused only when we say so. Its Sync, where it had one, was swallowed as part of the data. */
  override handleCopyInResponse(wire: Wire): void {
    super.handleCopyInResponse(wire);
    if (this.requiresPreparation()) wire.sync();
  }
}
