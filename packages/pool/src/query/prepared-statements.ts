import { type Columns, type Connection, copyOf } from "../pg/internals.ts";
import { definesForAll, type MeaningChange, meaningChangedBy } from "../sql/name-effect.ts";
import { hashOf, PLANNED, type StatementNames } from "./statement-names.ts";

/** Answers after which the server knows no named statement any more, or one less. */
const FORGETS = /^(DISCARD ALL|DEALLOCATE)/;
/** Answers after which there is none at all. */
const FORGETS_ALL = /^(DISCARD ALL|DEALLOCATE ALL)/;
/** So many bytes of a name the server reads. */
const NAME_BYTES = 63;
/** Settings by which names find other tables. */
const PATH_SETTINGS: ReadonlySet<string> = new Set(["search_path", "role", "session_authorization"]);

/** A name that the connection keeps. */
interface Kept {
  /** On the clock of `performance.now()`. */
  parsedAtMs: number;
  /** The count of uses at its last one: the smallest is that of the name that was not used for longest. */
  lastUse: number;
}

function longestUnused(names: ReadonlyMap<string, Kept>): string {
  let [oldest, least] = ["", Number.POSITIVE_INFINITY];
  for (const [name, { lastUse }] of names) if (lastUse < least) [oldest, least] = [name, lastUse];
  return oldest;
}

/** What the client knows of the session that its statements run in. */
export interface NamingSession {
  /** Whether it is outside of a transaction. */
  isIdle(): boolean;
  leavesNothing(text: string): boolean;
  /** The same, and that it calls no function of the application's own. */
  callsKnownOnly(text: string): boolean;
  meaningChangedBy(text: string): MeaningChange;
  /** Whether a pooler gives each transaction another session, in which others have prepared theirs. */
  isShared(): boolean;
  /** The server has done what a statement asked for. */
  noteAnswer(): void;
}

/** The named statements of one connection: which it keeps, and which the server is still to close. */
export class PreparedStatements {
  readonly #names: StatementNames | undefined;
  readonly #session: NamingSession;
  /** Automatic names, and those of callers. */
  readonly #kept = new Map<string, Kept>();
  readonly #ofCallers = new Map<string, Kept>();
  #uses = 0;
  readonly #textsOfCallers = new Map<string, string>();
  /** What the named statements return, as the server has described it. */
  readonly #columns = new Map<string, Columns | "none">();
  readonly #maxAgeMs: number;
  #closing: string[] = [];
  #epoch = 0;
  /** How long names may mean other tables than when they were given. */
  #meaningChanged: MeaningChange = "nothing";
  /** The settings of the transaction under way that decide where tables are looked for. */
  #path = "";
  /** Whether the transaction under way has defined what others share. */
  #hasDefined = false;
  /** How many statements of the flight under way the server has bound, behind which it executes. */
  bound = 0;
  /** When the flight began that is being written, on the clock of `performance.now()`. */
  #flightAtMs = 0;

  /** @param names none: nothing is named by itself. */
  constructor(names: StatementNames | undefined, session: NamingSession) {
    this.#names = names;
    this.#session = session;
    this.#maxAgeMs = names?.maxAgeMs ?? Number.POSITIVE_INFINITY;
  }

  callsKnownOnly(text: string): boolean {
    return this.#session.callsKnownOnly(text);
  }

  /** Notes a text that was handed over: names in what is written from now on may mean something else. */
  noteQueued(text: string, leavesNothing: boolean): void {
    if (!leavesNothing && meaningChangedBy(text, leavesNothing) === "session")
      this.#meaningChanged = "session";
  }

  /** Notes a text that is about to be written, in a flight of its own. */
  beginFlight(text: string): void {
    this.bound = 0;
    this.#flightAtMs = performance.now();
    this.onReady();
    if (this.#session.isIdle()) {
      this.#path = "";
      if (this.#meaningChanged === "transaction") this.#meaningChanged = "nothing";
    }
    if (this.#meaningChanged !== "nothing") return;
    if (this.#session.meaningChangedBy(text) !== "nothing") this.#meaningChanged = "transaction";
  }

  /** The session counts as new, but for a transaction that may be under way. */
  noteNewSession(): void {
    if (this.#meaningChanged === "session") this.#meaningChanged = "transaction";
  }

  /** Notes the settings that are about to be made for the transaction. */
  noteSettings(values: readonly string[]): void {
    for (let index = 0; index < values.length; index += 2) {
      const name = values[index]?.toLowerCase() ?? "";
      if (PATH_SETTINGS.has(name)) this.#path += `${name}=${values[index + 1]}\0`;
    }
  }

  /** The name under which to execute a text, if it is to have one. */
  use(text: string, connection: Connection): string | undefined {
    if (this.#meaningChanged !== "nothing") return undefined;
    const name = this.#names?.nameOf(text, this.#path);
    if (name !== undefined) this.#keep(name, connection);
    return name;
  }

  /**
   * The same for a text that its caller has named: "" where the session would give the name another meaning. Names that the
   * server would cut, and take for another one then, are replaced; and all are where sessions are shared, in which another
   * process may have given the name to another text.
   */
  useOfCaller(given: string, text: string, connection: Connection): string {
    if (text !== "") this.#textsOfCallers.set(given, text);
    if (this.#meaningChanged !== "nothing") return "";
    const isShared = this.#session.isShared();
    if (isShared && (this.#names === undefined || this.#names.isOff)) return "";
    const isAsGiven = !isShared && this.#path === "" && Buffer.byteLength(given) <= NAME_BYTES;
    const name = isAsGiven ? given : `long_${hashOf(`${this.#path}\0${given}\0${text}`)}`;
    this.#followEpoch(connection);
    this.#age(this.#ofCallers, name, connection);
    return name;
  }

  /** The text that a caller has named before, and need not repeat. */
  textOfCaller(given: string): string | undefined {
    return this.#textsOfCallers.get(given);
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

  /** Forgets what was given up while its Parse, or its description, was on its way. */
  dropClosing(connection: Connection): void {
    for (const name of this.#closing) this.#drop(name, connection);
  }

  /** The columns that a named statement is known to return: the server refuses to let them change. */
  columnsOf(name: string | undefined): Columns | "none" | undefined {
    return name === undefined ? undefined : this.#columns.get(name);
  }

  describe(name: string, text: string, columns: Columns | "none"): void {
    if (!PLANNED.test(text)) return;
    this.#columns.set(name, columns === "none" ? columns : copyOf(columns));
  }

  /** Has the next use of a name prepare it anew. */
  forget(name: string, connection: Connection): void {
    if (this.#names !== undefined && this.#kept.has(name)) this.#names.givenUp++;
    this.#close(name, connection);
  }

  #close(name: string, connection: Connection): void {
    this.#drop(name, connection);
    this.#kept.delete(name);
    this.#ofCallers.delete(name);
    this.#closing.push(name);
  }

  /** What the server has said of a name no longer counts. */
  #drop(name: string, connection: Connection): void {
    delete connection.parsedStatements[name];
    delete connection.submittedNamedStatements[name];
    this.#columns.delete(name);
  }

  /** Draws the conclusion from a statement that the server no longer knows as we do. */
  recover(names: readonly string[], code: string | undefined, connection: Connection): void {
    if (code === "0A000") this.invalidateAll();
    else if (/^(26000|42P05)$/.test(code ?? "") && names.some((name) => this.#kept.has(name)))
      this.#names?.recordMissing();
    for (const name of names) this.forget(name, connection);
    if (code === "26000") this.#forgetAll(connection); // one is seldom lost alone, and in a transaction the next would end it
  }

  /** What is prepared on any connection may have other types now. */
  invalidateAll(): void {
    this.#names?.invalidateAll();
  }

  /** Listens to the server's answers for those that concern what is prepared. */
  onCommandTag(tag: string, text: string, connection: Connection): void {
    this.#session.noteAnswer();
    if (tag.startsWith("SELECT") && this.#session.leavesNothing(text)) return; // as most answers, which say nothing more
    if (FORGETS.test(tag)) {
      this.#forgetAll(connection);
      this.#columns.clear();
    }
    if (FORGETS_ALL.test(tag)) {
      this.#closing = [];
      for (const names of [connection.parsedStatements, connection.submittedNamedStatements])
        for (const name in names) delete names[name];
    }
    if (tag === "DISCARD ALL") this.noteNewSession();
    if (!definesForAll(tag, text, this.#session)) return;
    this.#hasDefined = true;
    this.invalidateAll();
  }

  /** What a transaction has defined others see from its end on. */
  onReady(): void {
    if (!this.#hasDefined || !this.#session.isIdle()) return;
    this.#hasDefined = false;
    this.invalidateAll();
  }

  #keep(name: string, connection: Connection): void {
    const names = this.#names;
    if (names === undefined) return;
    this.#followEpoch(connection);
    if (this.#age(this.#kept, name, connection)) {
      names.hits++;
      return;
    }
    names.prepared++;
    if (this.#kept.size <= names.keptPerConnection) return;
    this.#close(longestUnused(this.#kept), connection);
    names.evicted++;
  }

  /** Notes the use of a name, which is given up where it is too old. @returns whether the server has it. */
  #age(names: Map<string, Kept>, name: string, connection: Connection): boolean {
    const nowMs = this.#flightAtMs;
    const known = names.get(name);
    const lastUse = ++this.#uses;
    if (known !== undefined && nowMs - known.parsedAtMs <= this.#maxAgeMs) {
      known.lastUse = lastUse;
      if (connection.parsedStatements[name] !== undefined) return true;
      known.parsedAtMs = nowMs;
      return false;
    }
    if (known !== undefined) this.forget(name, connection);
    names.set(name, { parsedAtMs: nowMs, lastUse });
    return connection.parsedStatements[name] !== undefined;
  }

  #followEpoch(connection: Connection): void {
    const names = this.#names;
    if (names === undefined || this.#epoch === names.epoch) return;
    this.#forgetAll(connection);
    this.#epoch = names.epoch;
  }

  #forgetAll(connection: Connection): void {
    for (const name of [...this.#kept.keys(), ...this.#ofCallers.keys()]) this.forget(name, connection);
  }
}
