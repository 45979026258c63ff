import { QueryBase, type Wire } from "./pg-internals.ts";
import type { PreparedStatements } from "./prepared-statements.ts";

/** What a statement is told when it ends. */
export type Callback = ConstructorParameters<typeof QueryBase>[2];

/**
 * A `pg.Query` that keeps the named statements of its connection in order: it may get a name by itself, and what is no
 * longer wanted is closed in front of it. Nothing in it is `#private`, as instrumentation may put an object of its own
 * before it.
 */
export class Statement extends QueryBase {
  readonly prepared: PreparedStatements;
  /** What was executed by name, when the server has answered with an error. */
  failedNames: readonly string[] = [];

  constructor(prepared: PreparedStatements, config: unknown, values: unknown, callback: Callback) {
    super(config, values, callback);
    this.prepared = prepared;
  }

  override prepare(wire: Wire): void {
    this.takeNames(wire);
    this.prepared.writeCloses(wire);
    this.writeFirst(wire);
    super.prepare(wire);
  }

  takeNames(wire: Wire): void {
    this.name ||= this.prepared.use(this.text ?? "", wire);
  }

  /** Writes what goes in front of the statement. */
  writeFirst(_wire: Wire): void {}

  /** The names that it is executed by. */
  names(): string[] {
    return this.name ? [this.name] : [];
  }

  override handleCommandComplete(message: { text: string }, wire: Wire): void {
    this.prepared.hear(message.text, wire);
    super.handleCommandComplete(message, wire);
  }

  override handleError(error: Error, wire: Wire): void {
    this.failedNames = this.names();
    super.handleError(this.judged(error), wire);
  }

  /** What its caller is to hear of an error. */
  judged(error: Error): Error {
    return error;
  }

  /** A COPY is refused only when we say so. Its Sync, where it had one, was swallowed as part of the data. */
  override handleCopyInResponse(wire: Wire): void {
    super.handleCopyInResponse(wire);
    if (this.requiresPreparation()) wire.sync();
  }
}
