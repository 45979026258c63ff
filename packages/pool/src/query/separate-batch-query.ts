import { isStatementError } from "../errors/server-answer.ts";
import { type Flight, inOneFlight } from "../pg/flight.ts";
import { type Connection, readAs } from "../pg/internals.ts";
import { type BatchMember, isCrowded } from "./batch-query.ts";
import type { Prelude } from "./local-settings.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import type { Callback } from "./query.ts";
import { ScopedQuery } from "./scoped-query.ts";

/** Statements that go out together, each with a Sync of its own. */
export interface SeparateBatch {
  /** What goes in front of each: what it sets locally ends with each Sync. */
  readonly preludes: readonly Prelude[];
  readonly members: readonly BatchMember[];
}

/** Who hears of what becomes of a batch while it is under way. */
export interface SeparateBatchHooks {
  /** What has become of one of the statements. Nothing is told twice. */
  onEnd(index: number, error: Error | undefined, result: Parameters<Callback>[1]): void;
  /** The server begins with the next statement. */
  onNext(): void;
  /** Has pg's client hand the answers that come next to this query, too. */
  keepActive(query: object): void;
}

/** A statement that stands between others: its settings, itself and its Sync. */
class SeparateMember extends ScopedQuery {
  isUnnamed = false;
  /** Its outcome is told: of what may come until its ReadyForQuery, nothing is. */
  isTold = false;

  override takeNames(connection: Connection): void {
    if (this.isUnnamed) {
      this.takePreludeNames(connection);
      this.name = "";
    } else super.takeNames(connection);
    this.name = usableName(this.name, this.text, connection);
    this.preludeNames = this.preludes.map(({ text }, index) =>
      usableName(this.preludeNames[index], text, connection),
    );
  }

  override writePrelude(connection: Connection, flight: Flight): void {
    super.writePrelude(connection, flight);
    for (const [index, { text }] of this.preludes.entries()) {
      const name = this.preludeNames[index];
      if (name && connection.parsedStatements[name] === undefined)
        connection.submittedNamedStatements[name] = text;
    }
  }

  override handleError(error: Error, connection: Connection): void {
    if (this.isTold) return;
    this.isTold = true;
    super.handleError(error, connection);
  }
}

/**
 * A name that can be used whatever becomes of the statements in front: what one of them is to parse may never be parsed, and a
 * name that its caller has given to another text stands for that.
 */
function usableName(name: string | undefined, text: string | undefined, connection: Connection): string {
  if (!name || connection.submittedNamedStatements[name] !== undefined) return "";
  const known = connection.parsedStatements[name];
  return known === undefined || known === text ? name : "";
}

/**
 * Statements that go out in one piece, each of which is a transaction of its own. They stand in pg's queue as one query, which
 * stays the active one from each ReadyForQuery to the next, and hands the answers to the statement that they are for.
 * Its own callback is told when the last has been answered, or when no more answers will come.
 */
export class SeparateBatchQuery extends ScopedQuery {
  readonly members: readonly SeparateMember[];
  readonly hooks: SeparateBatchHooks;
  index = 0;
  wasSent = false;

  constructor(
    { preludes, members }: SeparateBatch,
    prepared: PreparedStatements,
    config: unknown,
    hooks: SeparateBatchHooks,
    callback: Callback,
  ) {
    super([], prepared, config, undefined, callback);
    this.hooks = hooks;
    const isUnnamed = isCrowded(members);
    this.members = members.map(({ config, values }, index) => {
      const tell: Callback = (error, result) => hooks.onEnd(index, error ?? undefined, result);
      const member = new SeparateMember(preludes, prepared, config, values, tell);
      member.isUnnamed = isUnnamed;
      return member;
    });
  }

  /** The statement that the next answer is for. */
  get current(): SeparateMember | undefined {
    return this.members[this.index];
  }

  override prepare(connection: Connection): void {
    this.wasSent = true;
    inOneFlight(connection, () => {
      for (const member of this.members) {
        readAs(member, this);
        this.prepared.beginFlight(member.text ?? "");
        member.prepare(connection);
      }
    });
    this.follow();
  }

  /** pg files what the server has parsed under the name and text of the active query. */
  follow(): void {
    this.name = this.current?.name;
    this.text = this.current?.text;
  }

  override handleRowDescription(message: object): void {
    this.current?.handleRowDescription(message);
  }

  override handleDataRow(message: unknown): void {
    this.current?.handleDataRow(message);
  }

  override handleCommandComplete(message: { text: string }, connection: Connection): void {
    this.current?.handleCommandComplete(message, connection);
    this.follow();
  }

  override handleReadyForQuery(connection: Connection): void {
    const { current } = this;
    if (current?.isTold) this.prepared.onReady();
    else current?.handleReadyForQuery(connection);
    this.index++;
    if (this.current === undefined) {
      this.prepared.dropClosing(connection);
      super.handleReadyForQuery(connection);
      return;
    }
    this.prepared.bound = 0;
    this.follow();
    this.hooks.keepActive(this);
    this.hooks.onNext();
  }

  /** A statement's error is its own, and the next one's answers follow. Any other is the end of all that are left. */
  override handleError(error: Error, connection: Connection): void {
    if (isStatementError(error)) {
      this.current?.handleError(error, connection);
      this.hooks.keepActive(this);
      return;
    }
    this.giveUp(error, connection);
  }

  /** No more answers will come, or will be waited for. */
  giveUp(error: Error, connection: Connection): void {
    for (const member of this.members.slice(this.index)) member.handleError(error, connection);
    super.handleError(error, connection);
  }

  override mapError(error: Error): Error {
    return error;
  }
}
