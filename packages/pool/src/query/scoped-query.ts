import { CommitUnknownError } from "../errors/errors.ts";
import { isDatabaseError, isStatementError } from "../errors/server-answer.ts";
import { isPoolersDoubt } from "../errors/unsent.ts";
import type { Flight } from "../pg/flight.ts";
import type { Connection } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";
import { makesReadOnly, type Prelude } from "./local-settings.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import { type Callback, PoolQuery } from "./query.ts";

/** What may stand in front of a statement's first word: spaces, comments, and the parentheses of a union. */
const LEADING = /^(\s|\(|--[^\n]*|\/\*[\s\S]*?\*\/)*/;
const READS = /^(select|values|table|show)\b/i;
/** They are reads, too, where what they hold is one. A word in a literal makes a statement a write, which is only cautious. */
const HOLDS_OTHERS = /^(with|explain)\b/i;
const WRITES = /\b(insert|update|delete|merge|create|refresh|execute|declare)\b/i;

/** Whether a statement leaves nothing behind which could be in doubt. */
export function isRead(text: string): boolean {
  const statement = text.replace(LEADING, "");
  return READS.test(statement) || (HOLDS_OTHERS.test(statement) && !WRITES.test(statement));
}

const preludeErrors = processGlobal("prelude-errors", () => new WeakSet<Error>());

/** Whether a statement that stood in front has failed, so that the caller's own was not run. */
export function isOfPrelude(error: Error): boolean {
  return preludeErrors.has(error);
}

/** A statement of the flight, as pg files it once the server has parsed it. */
export interface Part {
  readonly name: string | undefined;
  readonly text: string | undefined;
}

/**
 * Several statements in one flight: `preludes`, of whose answers only an error is of interest, and the statement itself.
 *
 * All that is sent before one Sync is one transaction
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING): what a prelude sets locally holds for
 * the statement and ends with it, whichever way it ends. Where a prelude is BEGIN, the transaction stays open.
 */
export class ScopedQuery extends PoolQuery {
  readonly preludes: readonly Prelude[];
  /** Those whose answers are awaited, and the statement itself as the last: pg files what the server has parsed by `name`. */
  awaited: Part[] = [];
  preludeNames: readonly string[] = [];
  isSent = false;
  isDone = false;

  constructor(
    preludes: readonly Prelude[],
    prepared: PreparedStatements,
    config: unknown,
    values: unknown,
    callback: Callback,
  ) {
    super(prepared, config, values, callback);
    this.preludes = preludes;
    // Instrumentation that writes comments into texts sends a copy of the fields, but not of a statement that has a name.
    this.name ??= "";
  }

  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    super.prepare(connection);
    this.isSent = true;
    this.awaited = this.preludes.map(({ text }, index) => ({ name: this.preludeNames[index], text }));
    this.awaited.push(...this.mainParts());
    this.expectNext();
  }

  /** What comes behind the preludes. */
  mainParts(): readonly Part[] {
    return [{ name: this.name, text: this.text }];
  }

  override takeNames(connection: Connection): void {
    this.takePreludeNames(connection);
    super.takeNames(connection);
  }

  takePreludeNames(connection: Connection): void {
    this.preludeNames = this.preludes.map(({ text }) => this.prepared.useNow(text, connection));
    for (const { values } of this.preludes) this.prepared.noteSettings(values);
  }

  override writePrelude(connection: Connection, flight: Flight): void {
    for (const [index, { text, values }] of this.preludes.entries()) {
      const name = this.preludeNames[index] ?? "";
      if (name === "" || connection.parsedStatements[name] === undefined) connection.parse({ name, text });
      flight.bind(name, values, asIs);
      connection.execute({});
    }
  }

  override names(): string[] {
    const skipped = this.awaited.flatMap(({ name }) => name || []);
    return [...super.names(), ...skipped];
  }

  override beginsTransaction(): boolean {
    return this.preludes.some(isBegin);
  }

  override answered(): number {
    return this.preludes.length - this.awaited.length;
  }

  override handleDataRow(message: unknown): void {
    if (this.awaited.length === 0) super.handleDataRow(message);
  }

  override handleCommandComplete(message: { text: string }, connection: Connection): void {
    if (this.awaited.length > 0) {
      this.expectNext();
      return;
    }
    this.isDone = true;
    super.handleCommandComplete(message, connection);
  }

  override handleError(error: Error, connection: Connection): void {
    if (this.answered() < this.preludes.length) preludeErrors.add(error);
    // The server has not read their Parse.
    for (const { name } of this.awaited) if (name) delete connection.submittedNamedStatements[name];
    super.handleError(error, connection);
  }

  override mapError(error: Error): Error {
    while (this.awaited.length > 0) this.expectNext();
    return this.isInDoubt(error) ? lost(error) : error;
  }

  /** The next answer is the next one's. */
  expectNext(): void {
    const next = this.awaited.shift();
    if (next === undefined) return;
    this.name = next.name;
    this.text = next.text;
  }

  /** What the server has answered to the end is in no doubt, even where its rows cannot be read. */
  override handleReadyForQuery(connection: Connection): void {
    this.isSent = false;
    super.handleReadyForQuery(connection);
  }

  /** Whether its Sync, or a COMMIT of its own, commits something. */
  commits(): boolean {
    return this.mayWrite(this.text) && !this.beginsTransaction();
  }

  /** What reads may write by a function that it calls, or make a table by INTO; unless its transaction takes no writes. */
  mayWrite(text = ""): boolean {
    if (isRead(text) && this.prepared.callsKnownOnly(text)) return false;
    return !this.preludes.some((each) => makesReadOnly(each.text));
  }

  /**
   * Whether the server may have committed it although its answer is missing: the Sync that commits was sent along. In a
   * transaction that was begun in front of it, COMMIT commits.
   */
  isInDoubt(error: Error): boolean {
    if (!this.isSent || !this.commits()) return false;
    if (isStatementError(error)) return false;
    if (!isDatabaseError(error)) return true;
    // A backend ends before it commits, or after it has answered. A pooler in front of it knows no more than we do.
    return this.isDone || isPoolersDoubt(error);
  }
}

function asIs(value: unknown): unknown {
  return value;
}

function isBegin({ text }: Prelude): boolean {
  return /^(begin|start)\b/i.test(text);
}

function lost(cause: Error): CommitUnknownError {
  return new CommitUnknownError(
    "the connection was lost while the statement was under way: it may or may not have been kept",
    { cause },
  );
}
