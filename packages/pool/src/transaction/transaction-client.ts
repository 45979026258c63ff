import type pg from "pg";
import { resendUnsent } from "../acquire/resend.ts";
import { isReusable, sendHarmless } from "../connection/reset.ts";
import { CommitUnknownError, TransactionAbortedError, TransactionOverError } from "../errors/errors.ts";
import { redactError, redactParameters } from "../errors/redact.ts";
import { isDatabaseError, isStatementError } from "../errors/server-answer.ts";
import { isAlive, isReady, whenReady } from "../pg/internals.ts";
import type { BatchMember } from "../query/batch-query.ts";
import type { BatchLimits, Client } from "../query/client.ts";
import type { Prelude, SettingsFor } from "../query/local-settings.ts";
import { isConfirmedInterruption } from "../query/query-timeout.ts";
import { ReadToken } from "../query/read-token.ts";
import { isStale } from "../query/stale-statement.ts";
import { isSubmittable } from "../query/submittable.ts";
import { mayBeSeveral } from "../sql/several-statements.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import { openBatchSlot } from "./batch-slot.ts";
import { refuseMisplaced } from "./refuse-misplaced.ts";
import { type OnPosition, queryWithPosition, tellsPositions } from "./write-position.ts";

/** The statement forms that are sent through here. */
export type QueryInput = string | pg.QueryConfig;

/** The same statement, which says where it comes from. */
export function located(statement: QueryInput, callSite: CallSite | undefined): QueryInput {
  if (callSite === undefined || isSubmittable(statement)) return statement;
  const config = typeof statement === "string" ? { text: statement } : statement;
  return Object.assign({ callSite }, config);
}

/** It must come before everything that takes a snapshot, so before the scope's settings. */
const SETS_TRANSACTION = /^\s*set\s+transaction\b/i;

export function textOf(statement: QueryInput): string {
  return typeof statement === "string" ? statement : statement.text;
}

export function withValues(statement: QueryInput, values: unknown[] | undefined): QueryInput {
  if (values === undefined || isSubmittable(statement)) return statement;
  return { ...(typeof statement === "string" ? { text: statement } : statement), values };
}

/** Whether a text has to go by the simple protocol. */
export function isSeveral(statement: QueryInput, values: unknown[] = []): boolean {
  const isNamed = typeof statement !== "string" && statement.name !== undefined;
  return values.length === 0 && !isNamed && mayBeSeveral(textOf(statement));
}

/** Whether a pool's client is one of ours, whose class may be that of another copy of this package. */
export function isOurs<T extends object>(client: T): client is T & Pick<Client, "queryAfter"> {
  return "queryAfter" in client;
}

type BatchClient = pg.PoolClient & Pick<Client, "queryBatch">;

/** Where a transaction gets another connection from, while it has sent nothing that reached the server. */
export interface Reacquire {
  /** How long a caller waits for a connection, in milliseconds. */
  readonly limitMs: number;
  acquire(timeoutMs: number): Promise<pg.PoolClient>;
}

const NOTHING: Prelude = { text: "", values: [] };
const NO_PRELUDES: Prelude[] = [];
const COMMIT = "commit";
const ROLLBACK = "rollback";

/**
 * The connection of one transaction, in the shape that Drizzle's `transaction()` drives: its first statement is BEGIN,
 * its last COMMIT or ROLLBACK, then `release()`.
 *
 * - BEGIN and `settings` travel with the first statement, and end with the transaction; an empty transaction sends nothing.
 * - SET TRANSACTION, where it comes first, goes before the settings, which would take the transaction's snapshot.
 * - Where a first statement failed and the server is in no transaction, the next one begins it.
 * - COMMIT is judged by its answer: Postgres answers ROLLBACK, without an error, when a statement had failed.
 * - ROLLBACK never throws, so that it cannot mask the error that led to it.
 * - Statements go out one after the other, also under `Promise.all`.
 */
export class TransactionClient {
  #client: pg.PoolClient;
  readonly #settingsFor: SettingsFor | undefined;
  readonly #reacquire: Reacquire | undefined;
  readonly #onPosition: OnPosition | undefined;
  #state: "new" | "open" | "over" = "new";
  /** BEGIN, and whether the settings, are still to be sent in front of the next statement. */
  #unsentBegin: Prelude | undefined;
  #settingsUnsent = false;
  /** The transaction's work is running, whose statements must not end it. */
  #isWorking = false;
  #released = false;
  #reusable = true;
  #tail: Promise<unknown> = Promise.resolve();
  #rollbackError: unknown;

  /**
   * @param settingsFor asked when they are sent, as a signed one does not hold for ever.
   * @param reacquire where a pooler has not sent the first flight on, it goes out on another connection.
   * @param onPosition is told where the log ended behind COMMIT, which is asked in COMMIT's own flight.
   */
  constructor(
    client: pg.PoolClient,
    settingsFor?: SettingsFor,
    reacquire?: Reacquire,
    onPosition?: OnPosition,
  ) {
    this.#client = client;
    this.#onPosition = onPosition;
    this.#settingsFor = settingsFor;
    this.#reacquire = reacquire;
  }

  at(callSite: CallSite): LocatedTransaction {
    return new LocatedTransaction(this, callSite);
  }

  /** The connection itself, to tell who holds it. */
  get client(): pg.PoolClient {
    return this.#client;
  }

  /** Why ROLLBACK could not be sent or was not answered, if so: the server then rolls back by itself. */
  get rollbackError(): unknown {
    return this.#rollbackError;
  }

  /** Runs what the transaction is for, between the statements that begin and end it. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#isWorking = true;
    try {
      return await work();
    } finally {
      this.#isWorking = false;
    }
  }

  /**
   * @throws {TransactionOverError} the transaction has ended; nothing was sent.
   * @throws {MisplacedStatementError} the transaction's work, or its scope, cannot hold the statement; nothing was sent.
   * @throws {CommitUnknownError} the connection was lost during COMMIT.
   * @throws {TransactionAbortedError} COMMIT was answered with ROLLBACK.
   */
  async query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    const slot = openBatchSlot();
    if (slot !== undefined) return await slot.take(this, withValues(statement, values));
    if (this.#isWorking) {
      const place = this.#settingsFor === undefined ? "transaction" : "scoped transaction";
      if (!isSubmittable(statement)) refuseMisplaced(textOf(statement), place);
    }
    const result = this.#tail.then(() => this.#run(statement, values));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** Whether another one is this very transaction. */
  isSameScope(other: object): boolean {
    return other === this;
  }

  /** Whether its connection can send a batch at once. */
  get sendsBatches(): boolean {
    return "queryBatch" in this.#client;
  }

  /**
   * Several statements in one flight, behind those that were given before. `batchFailureOf` tells whose error it has thrown.
   *
   * @throws {TransactionOverError} the transaction has ended; nothing was sent.
   */
  queryBatch(members: readonly BatchMember[], limits: BatchLimits): Promise<pg.QueryResult[]> {
    const results = this.#tail.then(async () => {
      if (this.#state !== "open") throw isOver();
      const first = members[0]?.config.text ?? "";
      return await this.#sendWith(first, async (preludes, isFirst) => {
        const flight = () =>
          (this.#client as BatchClient).queryBatch(
            { preludes, members, hasCommit: false, staysOpen: true },
            limits,
          );
        return await this.#againIfStale(flight, isFirst);
      });
    });
    this.#tail = results.catch(() => {});
    return results;
  }

  /** Drizzle 1.0 listens for the connection's errors while a transaction runs. */
  on(event: "error", listener: (error: Error) => void): void {
    this.#client.on(event, listener);
  }

  off(event: "error", listener: (error: Error) => void): void {
    this.#client.off(event, listener);
  }

  /** Gives the connection back; the second call does nothing. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#state = "over";
    this.#client.release(!this.#reusable);
  }

  #run(statement: QueryInput, values: unknown[] | undefined): Promise<pg.QueryResult> {
    const text = textOf(statement);
    if (this.#state === "over") {
      if (text === ROLLBACK) return Promise.resolve(emptyResult("ROLLBACK"));
      return Promise.reject(isOver());
    }
    if (this.#state === "new") {
      this.#state = "open";
      this.#unsentBegin = { text, values: [] };
      this.#settingsUnsent = this.#settingsFor !== undefined;
      return Promise.resolve(emptyResult("BEGIN"));
    }
    if (text === COMMIT || text === ROLLBACK) {
      if (this.#unsentBegin !== undefined) return Promise.resolve(this.#endUnsent(text));
      return text === COMMIT ? this.#commit() : this.#rollback();
    }
    return this.#send(statement, values);
  }

  #endUnsent(text: typeof COMMIT | typeof ROLLBACK): pg.QueryResult {
    this.#state = "over";
    return emptyResult(text.toUpperCase());
  }

  async #commit(): Promise<pg.QueryResult> {
    this.#state = "over";
    const client = this.#client;
    // Where the connection is gone by now, or goes before the last answer was complete, pg sends nothing.
    const isSent = isReady(client) || (await whenReady(client)) || isAlive(client);
    try {
      const result = await this.#sendCommit(client);
      this.#reusable = await isReusable(this.#client);
      if (result.command === "ROLLBACK") {
        throw new TransactionAbortedError(
          "a statement inside the transaction failed and its error was swallowed: COMMIT kept nothing",
        );
      }
      return result;
    } catch (error) {
      if (error instanceof TransactionAbortedError) throw error;
      redactError(error);
      this.#reusable = await isReusable(this.#client, error);
      if (error instanceof CommitUnknownError) throw error; // kept, and no standby has confirmed it
      if (!isSent || isAnswer(error)) throw error;
      throw new CommitUnknownError(
        "the connection was lost during COMMIT: it may or may not have been kept",
        {
          cause: error,
        },
      );
    }
  }

  async #sendCommit(client: pg.PoolClient): Promise<pg.QueryResult> {
    const onPosition = this.#onPosition;
    if (onPosition === undefined) return await client.query(COMMIT);
    if (!tellsPositions(client)) {
      onPosition(ReadToken.PRIMARY);
      return await client.query(COMMIT);
    }
    return await queryWithPosition(client, [], { config: { text: COMMIT }, values: [] }, {}, onPosition);
  }

  async #rollback(): Promise<pg.QueryResult> {
    this.#state = "over";
    try {
      const result = await this.#client.query(ROLLBACK);
      this.#reusable = await isReusable(this.#client);
      return result;
    } catch (error) {
      redactError(error);
      this.#rollbackError = error;
      this.#reusable = false;
      return emptyResult("ROLLBACK");
    }
  }

  async #send(statement: QueryInput, values: unknown[] | undefined): Promise<pg.QueryResult> {
    try {
      return await this.#sendWith(textOf(statement), (preludes, isFirst) =>
        preludes.length === 0
          ? this.#client.query(statement, values)
          : this.#sendBehind(preludes, statement, values, isFirst),
      );
    } catch (error) {
      redactParameters(values);
      throw error;
    }
  }

  /** Sends what begins with `text` behind what has to go in front of it. */
  async #sendWith<T>(
    text: string,
    send: (preludes: readonly Prelude[], isFirst: boolean) => Promise<T>,
  ): Promise<T> {
    const begin = this.#unsentBegin;
    let isSent = false;
    const sendNow = (): Promise<T> => {
      isSent = false;
      const preludes = this.#takePreludes(text);
      isSent = true;
      return send(preludes, begin !== undefined);
    };
    try {
      if (begin === undefined || this.#reacquire === undefined) return await sendNow();
      return await this.#resendFirst(begin, this.#reacquire, async () => await sendNow());
    } catch (error) {
      if (!isSent) throw error; // the settings could not be made
      if (begin !== undefined && (await isReusable(this.#client))) {
        this.#unsentBegin = begin; // nothing has begun: what follows must not run outside
        this.#settingsUnsent = this.#settingsFor !== undefined;
      }
      if (!isDatabaseError(error)) this.#reusable = false; // lost, or timed out while it still runs
      redactError(error);
      throw error;
    }
  }

  /** Sends what a transaction begins with: nothing has reached the server where a pooler says so. */
  async #resendFirst<T>(begin: Prelude, { limitMs, acquire }: Reacquire, send: () => Promise<T>): Promise<T> {
    return await resendUnsent(limitMs, async (timeoutMs) => {
      if (timeoutMs !== undefined) {
        this.#client.release(true);
        await this.#replaceClient(() => acquire(timeoutMs));
        this.#unsentBegin = begin;
        this.#settingsUnsent = this.#settingsFor !== undefined;
      }
      return await send();
    });
  }

  async #replaceClient(acquire: () => Promise<pg.PoolClient>): Promise<void> {
    try {
      this.#client = await acquire();
      this.#reusable = true;
    } catch (error) {
      this.#released = true; // it has none any more
      this.#state = "over";
      throw error;
    }
  }

  /** Sends a statement behind others: in their flight where the client is ours, else one after the other. */
  async #sendBehind(
    preludes: readonly Prelude[],
    statement: QueryInput,
    values: unknown[] | undefined,
    isFirst: boolean,
  ): Promise<pg.QueryResult> {
    const client = this.#client;
    if (!isOurs(client)) {
      for (const { text, values } of preludes)
        await sendHarmless(client, () => client.query(text, [...values]));
      return await client.query(statement, values);
    }
    if (isSeveral(statement, values) || isSubmittable(statement)) {
      const { text, values: settings } = preludes.at(-1) ?? NOTHING;
      await sendHarmless(client, () => client.queryAfter(preludes.slice(0, -1), text, [...settings]));
      return await client.query(statement, values);
    }
    return await this.#againIfStale(() => client.queryAfter(preludes, statement, values), isFirst);
  }

  /** @param isFirst whether the transaction begins with it. */
  async #againIfStale<T>(flight: () => Promise<T>, isFirst: boolean): Promise<T> {
    try {
      return await flight();
    } catch (error) {
      // Its names are forgotten by now, and the transaction has nothing in it but this flight.
      if (!isStale(error) || !isFirst) throw error;
      await this.#client.query(ROLLBACK);
      return await flight();
    }
  }

  /** What has to go in front of a statement. @throws what making the settings throws; nothing was sent then. */
  #takePreludes(text: string): Prelude[] {
    if (this.#unsentBegin === undefined && !this.#settingsUnsent) return NO_PRELUDES;
    const settingsFor = SETS_TRANSACTION.test(text) || !this.#settingsUnsent ? undefined : this.#settingsFor;
    const settings = settingsFor?.(this.#client);
    const preludes = [this.#unsentBegin, settings].filter((each) => each !== undefined);
    this.#unsentBegin = undefined;
    if (settings !== undefined) this.#settingsUnsent = false;
    return preludes;
  }
}

/** A transaction as one query sees it: its statements say where they come from. */
class LocatedTransaction {
  readonly #transaction: TransactionClient;
  readonly #callSite: CallSite;

  constructor(transaction: TransactionClient, callSite: CallSite) {
    this.#transaction = transaction;
    this.#callSite = callSite;
  }

  at(callSite: CallSite): LocatedTransaction {
    return this.#transaction.at(callSite);
  }

  query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    return this.#transaction.query(located(statement, this.#callSite), values);
  }
}

/** Whether COMMIT is known to have failed, by the server's word. A FATAL error ends the session at an unknown point. */
function isAnswer(error: unknown): boolean {
  return isStatementError(error) || isConfirmedInterruption(error);
}

const isOver = () => new TransactionOverError("this transaction has ended; start another one");

function emptyResult(command: string): pg.QueryResult {
  return { command, rowCount: null, oid: 0, fields: [], rows: [] };
}
