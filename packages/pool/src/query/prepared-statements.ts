import type { Columns, Connection } from "../pg/internals.ts";
import type { StatementNames } from "./statement-names.ts";

/** Answers after which the server knows no named statement any more, or one less. */
const FORGETS = /^(DISCARD ALL|DEALLOCATE)/;
/** Answers after which there is none at all. */
const FORGETS_ALL = /^(DISCARD ALL|DEALLOCATE ALL)/;
/** Answers after which a named statement may return other types than it did. */
const CHANGES_TYPES = /^(ALTER|DROP|CREATE VIEW)/;

/** The named statements of one connection: which it keeps, and which the server is still to close. */
export class PreparedStatements {
  readonly #names: StatementNames | undefined;
  /** Automatic names, the one that was used last at the end. */
  readonly #kept = new Set<string>();
  /** What the named statements return, as the server has described it. */
  readonly #columns = new Map<string, Columns | "none">();
  #closing: string[] = [];
  #epoch = 0;

  /** @param names none: nothing is named by itself. */
  constructor(names: StatementNames | undefined) {
    this.#names = names;
  }

  /** The name under which to execute a text, if it is to have one. */
  use(text: string, connection: Connection): string | undefined {
    const name = this.#names?.nameOf(text);
    if (name !== undefined) this.#keep(name, connection);
    return name;
  }

  /** The same for a text that is worth a name from the first time on; "" where names are off. */
  useNow(text: string, connection: Connection): string {
    const name = this.#names?.nameImmediately(text) ?? "";
    if (name !== "") this.#keep(name, connection);
    return name;
  }

  /** Closes what is to be closed, in front of the statement that is written next; the answers need nobody's attention. */
  writeCloses(connection: Connection): void {
    if (this.#closing.length === 0) return;
    for (const name of this.#closing) connection.close({ type: "S", name });
    this.#closing = [];
  }

  /** The columns that a named statement is known to return: the server refuses to let them change. */
  columnsOf(name: string | undefined): Columns | "none" | undefined {
    return name === undefined ? undefined : this.#columns.get(name);
  }

  describe(name: string, columns: Columns | "none"): void {
    this.#columns.set(name, columns);
  }

  /** Has the next use of a name prepare it anew. */
  forget(name: string, connection: Connection): void {
    delete connection.parsedStatements[name];
    delete connection.submittedNamedStatements[name];
    this.#kept.delete(name);
    this.#columns.delete(name);
    this.#closing.push(name);
  }

  /** Draws the conclusion from a statement that the server no longer knows as we do. */
  recover(names: readonly string[], { code }: { code?: string | undefined }, connection: Connection): void {
    if (code === "0A000") this.#names?.invalidateAll();
    else if (names.some((name) => this.#kept.has(name))) this.#names?.recordMissing();
    for (const name of names) this.forget(name, connection);
    if (code === "26000") this.#forgetAll(connection); // one is seldom lost alone, and in a transaction the next would end it
  }

  /** Listens to the server's answers for those that concern what is prepared. */
  onCommandTag(tag: string, connection: Connection): void {
    if (FORGETS.test(tag)) {
      this.#forgetAll(connection);
      this.#columns.clear();
    }
    if (FORGETS_ALL.test(tag)) {
      this.#closing = [];
      for (const names of [connection.parsedStatements, connection.submittedNamedStatements])
        for (const name in names) delete names[name];
    }
    if (CHANGES_TYPES.test(tag)) this.#names?.invalidateAll();
  }

  #keep(name: string, connection: Connection): void {
    const names = this.#names;
    if (names === undefined) return;
    if (this.#epoch !== names.epoch) {
      this.#forgetAll(connection);
      this.#epoch = names.epoch;
    }
    this.#kept.delete(name);
    this.#kept.add(name);
    if (connection.parsedStatements[name] !== undefined) {
      names.hits++;
      return;
    }
    names.prepared++;
    if (this.#kept.size <= names.keptPerConnection) return;
    const [oldest] = this.#kept;
    if (oldest === undefined) return;
    this.forget(oldest, connection);
    names.evicted++;
  }

  #forgetAll(connection: Connection): void {
    for (const name of [...this.#kept]) this.forget(name, connection);
  }
}
