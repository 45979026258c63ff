import type pg from "pg";
import { isStatementError } from "../errors/server-answer.ts";
import { type Connection, readAs, setResults, withoutSync } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";
import type { Prelude } from "./local-settings.ts";
import type { PreparedStatements } from "./prepared-statements.ts";
import { type Callback, PoolQuery } from "./query.ts";
import { type Part, ScopedQuery } from "./scoped-query.ts";

/** One statement of a batch. Its values are written already, so that none can fail while others are on their way. */
export interface BatchMember {
  readonly config: pg.QueryConfig;
  readonly values: readonly unknown[];
}

/** Statements that go out in front of one Sync. */
export interface Batch {
  readonly preludes: readonly Prelude[];
  readonly members: readonly BatchMember[];
  /** Whether a prelude has begun a transaction, which a COMMIT behind the members ends. */
  readonly hasCommit: boolean;
  /** Whether it runs in a transaction that goes on behind it. */
  readonly staysOpen: boolean;
}

/** Which statement of its batch has failed, and whether the batch is kept all the same. */
export interface BatchFailure {
  /** None where the commit has failed. */
  readonly index: number | undefined;
  readonly isKept: boolean;
}

/**
 * A batch with more texts than this has no names: a connection keeps a hundred, and one that is closed in the flight that
 * prepares it would be taken for known afterwards.
 */
const MOST_NAMED = 50;

/** Whether a batch has too many texts for any of them to go by a name. */
export function isCrowded(members: readonly BatchMember[]): boolean {
  return new Set(members.map(({ config }) => config.text)).size > MOST_NAMED;
}

const failures = /* @__PURE__ */ processGlobal("batch-failures", () => new WeakMap<Error, BatchFailure>());

/** Which statement of a batch an error is of, where it is one's. */
export function batchFailureOf(error: Error): BatchFailure | undefined {
  return failures.get(error);
}

class MemberQuery extends PoolQuery {
  isUnnamed = false;

  override takeNames(connection: Connection): void {
    if (this.isUnnamed) {
      this.name = "";
      return;
    }
    super.takeNames(connection);
    const name = this.name ?? "";
    const known = connection.parsedStatements[name] ?? connection.submittedNamedStatements[name];
    if (known !== undefined && known !== this.text) this.name = ""; // its caller has given the name to another one, too
  }
}

/**
 * A batch in one flight: settings, the statements, one Sync, so that all of it is one transaction. It stands in pg's queue as
 * one query, and hands the server's answers to the statement that they are for.
 */
export class BatchQuery extends ScopedQuery {
  readonly members: readonly MemberQuery[];
  readonly memberCount: number;
  readonly staysOpen: boolean;
  readonly unreadable = new Map<number, Error>();
  readonly results: pg.QueryResult[] = [];

  /** @param isUnnamed no statement is to go by a name. */
  constructor(
    { preludes, members, hasCommit, staysOpen }: Batch,
    prepared: PreparedStatements,
    config: unknown,
    callback: Callback,
    isUnnamed: boolean,
  ) {
    super(preludes, prepared, config, undefined, callback);
    this.memberCount = members.length;
    this.staysOpen = staysOpen;
    const hasNoNames = isUnnamed || isCrowded(members);
    const queries = members.map(({ config, values }, index) => {
      const query = new MemberQuery(prepared, config, values, (error, result) => {
        if (error) this.unreadable.set(index, error);
        else this.results[index] = result;
      });
      query.isUnnamed = hasNoNames;
      return query;
    });
    if (hasCommit) queries.push(new MemberQuery(prepared, "commit", undefined, () => {}));
    this.members = queries;
  }

  override takeNames(connection: Connection): void {
    this.takePreludeNames(connection);
  }

  override writeMain(connection: Connection): void {
    const joint = withoutSync(connection);
    for (const member of this.members) {
      readAs(member, this);
      member.prepare(joint);
    }
    connection.sync();
  }

  override mainParts(): readonly Part[] {
    return this.members;
  }

  override answered(): number {
    return this.preludes.length + this.members.length - 1 - this.awaited.length;
  }

  override commits(): boolean {
    if (this.staysOpen) return false;
    return this.members.slice(0, this.memberCount).some(({ text }) => this.mayWrite(text));
  }

  override handleRowDescription(message: object): void {
    this.current()?.handleRowDescription(message);
  }

  override handleDataRow(message: unknown): void {
    this.current()?.handleDataRow(message);
  }

  override handleCommandComplete(message: { text: string }, connection: Connection): void {
    this.current()?.handleCommandComplete(message, connection);
    if (this.awaited.length > 0) this.expectNext();
    else this.isDone = true;
  }

  /** The statement that the next answer is for; none as long as it is for a prelude. */
  current(): MemberQuery | undefined {
    return this.members[this.answered() - this.preludes.length];
  }

  override handleError(error: Error, connection: Connection): void {
    const index = this.answered() - this.preludes.length;
    this.wasParsed = this.members[index]?.wasParsed ?? false;
    const isCommit = this.isDone || index >= this.memberCount;
    if (index >= 0 && isStatementError(error))
      failures.set(error, { index: isCommit ? undefined : index, isKept: false });
    super.handleError(error, connection);
  }

  /** What cannot be read of a row is told when all is over: until then the batch may still fail. */
  override handleReadyForQuery(connection: Connection): void {
    for (const member of this.members) member.handleReadyForQuery(connection);
    const [unreadable] = this.unreadable;
    if (unreadable !== undefined) {
      const [index, error] = unreadable;
      this.isSent = false;
      failures.set(error, { index, isKept: true });
      super.handleError(error, connection);
      return;
    }
    setResults(this, this.results);
    super.handleReadyForQuery(connection);
  }
}
