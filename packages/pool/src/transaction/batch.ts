import type pg from "pg";
import { isError } from "../async/is-error.ts";
import { isOrdinaryError } from "../connection/reset.ts";
import {
  BatchError,
  BatchTooLargeError,
  MisplacedStatementError,
  TransactionOptionsError,
} from "../errors/errors.ts";
import { redactError, redactParameters } from "../errors/redact.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { prepareValue, whenReady } from "../pg/internals.ts";
import { type BatchFailure, type BatchMember, batchFailureOf } from "../query/batch-query.ts";
import { type BatchLimits, type Client, parametersFault } from "../query/client.ts";
import type { Prelude, SettingsFor } from "../query/local-settings.ts";
import { isStale } from "../query/stale-statement.ts";
import { isSubmittable } from "../query/submittable.ts";
import { findMisplaced, staysInTransaction } from "../sql/misplaced-statement.ts";
import { type CallSite, callSiteOf } from "../telemetry/call-site.ts";
import { refuseMisplaced } from "./refuse-misplaced.ts";
import { type QueryInput, TransactionClient } from "./transaction-client.ts";
import { beginWith, type TransactionOptions } from "./transaction-options.ts";
import { askPosition, type OnPosition, tellUnlessUndone } from "./write-position.ts";

/** What a batch's transaction is to be, and how long all of it may take. */
export interface BatchOptions extends TransactionOptions {
  /** Whether all of it is one transaction. @default true */
  readonly atomic?: true | undefined;
  /** Gives up: what runs is cancelled on the server, and nothing of the batch is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of the whole batch in milliseconds. 0 = off. @default queryTimeoutMs */
  readonly timeoutMs?: number | undefined;
}

/** Of a batch whose statements stand alone: each is a transaction of its own, and as the server makes it. */
export interface SeparateBatchOptions {
  readonly atomic: false;
  /** Gives up: what runs is cancelled on the server, and what comes behind it. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of the whole batch in milliseconds. 0 = off. @default queryTimeoutMs */
  readonly timeoutMs?: number | undefined;
  readonly isolationLevel?: undefined;
  readonly accessMode?: undefined;
}

/** So many statements may be in one batch, and so many characters of texts and values: all of it is in memory at once. */
const MOST_STATEMENTS = 10_000;
const MOST_CHARACTERS = 64_000_000;

const ROLLBACK = "rollback";

/** A batch that was looked through, and may be sent. */
export interface CheckedBatch {
  readonly members: readonly BatchMember[];
  /** How its transaction begins, where that is to be said. */
  readonly begin: string | undefined;
  readonly limits: BatchLimits;
}

/**
 * Looks through a batch, and writes its values, before a connection is taken.
 *
 * @throws {BatchTooLargeError} it has too many statements, or characters.
 * @throws {MisplacedStatementError} a statement is none that is known to stay in its transaction.
 * @throws {TransactionOptionsError} see {@link isAtomic} and {@link beginWith}.
 * @throws {TooManyParametersError} a statement has more parameters than the protocol can count.
 * @throws {BatchError} a value cannot be written.
 */
export function checkedBatch(
  statements: readonly QueryInput[],
  options: BatchOptions | SeparateBatchOptions,
  callSite: CallSite | undefined,
): CheckedBatch {
  const { isolationLevel, accessMode, signal, timeoutMs } = options;
  isAtomic(options);
  refuseTooMany(statements.length);
  const begin = beginWith({ isolationLevel, accessMode });
  const isPlain = isolationLevel === undefined && accessMode === undefined;
  const members = statements.map(toMember);
  const characters = members.reduce((sum, member) => sum + charactersOf(member), 0);
  if (characters > MOST_CHARACTERS)
    throw new BatchTooLargeError(
      `a batch has ${characters} characters, and may have ${MOST_CHARACTERS}; nothing was sent`,
    );
  // Whoever collects queries and sends them says less than the place where the first one was built.
  const limits = { signal, query_timeout: timeoutMs, callSite: callSiteOf(statements[0]) ?? callSite };
  return { members, begin: isPlain ? undefined : begin, limits };
}

/**
 * Whether all of a batch is one transaction.
 *
 * @throws {TransactionOptionsError} `atomic` is neither true nor false, or it is false and there is a transaction to be set.
 */
export function isAtomic(options: BatchOptions | SeparateBatchOptions): boolean {
  const { atomic = true, isolationLevel, accessMode } = options;
  if (typeof atomic !== "boolean")
    throw new TransactionOptionsError("a batch's `atomic` is true or false; nothing was sent");
  if (!atomic && (isolationLevel !== undefined || accessMode !== undefined))
    throw new TransactionOptionsError(
      "a batch with `atomic: false` has no transaction of which `isolationLevel` or `accessMode` could be set; nothing was sent",
    );
  return atomic;
}

/** @throws {BatchTooLargeError} a batch may not have so many statements. */
export function refuseTooMany(count: number): void {
  if (count <= MOST_STATEMENTS) return;
  throw new BatchTooLargeError(
    `a batch has ${count} statements, and may have ${MOST_STATEMENTS}; nothing was sent`,
  );
}

function toMember(statement: QueryInput, index: number): BatchMember {
  const config: MemberConfig = typeof statement === "string" ? { text: statement } : statement;
  const { text, name, types, rowMode, binary, values = [] } = config;
  if (isSubmittable(statement) || !staysInTransaction(text)) throw misplaced(text, index);
  refuseMisplaced(text, "scope");
  const tooMany = parametersFault(statement, undefined);
  if (tooMany !== undefined) throw tooMany;
  try {
    return {
      config: { text, name, types, rowMode, binary } as MemberConfig,
      values: values.map(prepareValue),
    };
  } catch (cause) {
    throw new BatchError(
      `a value of statement ${index} of a batch cannot be written; nothing was sent`,
      index,
      { cause },
    );
  }
}

/** What pg's types leave out. */
interface MemberConfig extends pg.QueryConfig {
  readonly rowMode?: string;
  readonly binary?: boolean;
}

function charactersOf({ config, values }: BatchMember): number {
  let sum = config.text.length;
  for (const value of values) if (typeof value === "string" || Buffer.isBuffer(value)) sum += value.length;
  return sum;
}

function misplaced(text: string, index: number): MisplacedStatementError {
  const words = findMisplaced(text)?.words ?? "what it does";
  return new MisplacedStatementError(
    `statement ${index} of a batch is not known to stay in the batch's transaction (${words}): it can hold SELECT, INSERT, UPDATE, ` +
      "DELETE, MERGE, VALUES, TABLE, WITH, SHOW and EXPLAIN; nothing was sent",
  );
}

type BatchClient = pg.PoolClient & Pick<Client, "queryBatch">;

/** Whether a pool's client can send a batch at once; its class may be that of another copy of this package. */
function sendsBatches(client: pg.PoolClient): client is BatchClient {
  return "queryBatch" in client;
}

/**
 * Runs a batch in an open transaction: in one flight where the client is ours, else one statement after the other.
 *
 * @throws {BatchError} a statement has failed, and has ended the transaction with that.
 * @throws {TransactionOptionsError} its statements are not to be a part of the transaction; nothing was sent.
 */
export async function runBatchIn(
  transaction: TransactionClient,
  statements: readonly QueryInput[],
  options: BatchOptions,
): Promise<pg.QueryResult[]> {
  try {
    if (!isAtomic(options))
      throw new TransactionOptionsError(
        "a transaction's batch is a part of it: `atomic: false` is for a batch outside of transactions; nothing was sent",
      );
    const { members, limits } = checkedBatch(statements, options, undefined);
    if (members.length === 0) return [];
    if (!transaction.sendsBatches) return await runOneByOneIn(transaction, members, limits);
    return await transaction.queryBatch(members, limits);
  } catch (error) {
    for (const each of statements) if (typeof each !== "string") redactParameters(each.values);
    const failure = isError(error) ? batchFailureOf(error) : undefined;
    throw toBatchError(error, failure, "has run");
  }
}

async function runOneByOneIn(
  transaction: TransactionClient,
  members: readonly BatchMember[],
  limits: BatchLimits,
): Promise<pg.QueryResult[]> {
  const results: pg.QueryResult[] = [];
  try {
    for (const { config, values } of members)
      results.push(await transaction.query({ ...config, ...limits }, [...values]));
    return results;
  } catch (error) {
    const failure = { index: results.length, isKept: false };
    throw toBatchError(error, isStatementError(error) ? failure : undefined);
  }
}

/**
 * Runs a batch on a connection, and gives that back: in one flight where the client is ours, else as a transaction, one
 * statement after the other.
 *
 * @param onPosition is told where the log ended behind it, which is asked in a round trip more.
 */
export async function runBatch(
  client: pg.PoolClient,
  settingsFor: SettingsFor | undefined,
  batch: CheckedBatch,
  onPosition?: OnPosition,
): Promise<pg.QueryResult[]> {
  if (!sendsBatches(client))
    return await runOneByOne(new TransactionClient(client, settingsFor, undefined, onPosition), batch);
  const preludes = preludesOn(client, settingsFor, batch.begin);
  try {
    const results = await sendBatch(client, preludes, batch);
    if (onPosition !== undefined) onPosition(await askPosition(client));
    client.release();
    return results;
  } catch (error) {
    client.release(isError(error) ? error : new Error(String(error)));
    redactError(error);
    tellUnlessUndone(error, onPosition);
    throw toBatchError(error, isError(error) ? batchFailureOf(error) : undefined);
  }
}

type EachClient = pg.PoolClient & Pick<Client, "queryEach">;

/** Whether a pool's client can send statements at once that stand alone. */
export function sendsEach(client: pg.PoolClient): client is EachClient {
  return "queryEach" in client;
}

/**
 * Runs a batch whose statements stand alone on a connection, and gives that back.
 *
 * @returns what has become of each. It rejects only where nothing was sent.
 */
export async function runEach(
  client: EachClient,
  settingsFor: SettingsFor | undefined,
  { members, limits }: CheckedBatch,
): Promise<PromiseSettledResult<pg.QueryResult>[]> {
  const preludes = preludesOn(client, settingsFor, undefined);
  try {
    const outcomes = await client.queryEach({ preludes, members }, limits);
    const reasons = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    for (const reason of reasons) redactError(reason);
    client.release(reasons.find((reason) => !isOrdinaryError(reason)) ?? reasons[0]);
    return outcomes;
  } catch (error) {
    client.release(isError(error) ? error : new Error(String(error)));
    redactError(error);
    throw error;
  }
}

/** What goes in front. The connection goes back where the settings cannot be made. */
function preludesOn(
  client: pg.PoolClient,
  settingsFor: SettingsFor | undefined,
  begin: string | undefined,
): Prelude[] {
  const preludes: Prelude[] = begin === undefined ? [] : [{ text: begin, values: [] }];
  try {
    if (settingsFor !== undefined) preludes.push(settingsFor(client));
    return preludes;
  } catch (error) {
    client.release();
    throw error;
  }
}

async function sendBatch(
  client: BatchClient,
  preludes: readonly Prelude[],
  { members, begin, limits }: CheckedBatch,
): Promise<pg.QueryResult[]> {
  const hasCommit = begin !== undefined;
  const flight = () => client.queryBatch({ preludes, members, hasCommit, staysOpen: false }, limits);
  try {
    return await flight();
  } catch (error) {
    // The server has not read the COMMIT behind what has failed.
    const isOpen = hasCommit && (await whenReady(client)) && client.getTransactionStatus() !== "I";
    if (!isOpen) throw error;
    const isOver = await client.query(ROLLBACK).then(
      () => true,
      () => false,
    );
    if (!isOver || !isStale(error)) throw error;
    return await flight(); // its names are forgotten by now
  }
}

async function runOneByOne(
  transaction: TransactionClient,
  { members, begin = "begin", limits }: CheckedBatch,
): Promise<pg.QueryResult[]> {
  const results: pg.QueryResult[] = [];
  try {
    await transaction.query(begin);
    for (const { config, values } of members)
      results.push(await transaction.query({ ...config, ...limits }, [...values]));
    await transaction.query("commit");
    return results;
  } catch (error) {
    await transaction.query(ROLLBACK);
    const index = results.length < members.length ? results.length : undefined;
    throw toBatchError(error, isStatementError(error) ? { index, isKept: false } : undefined);
  } finally {
    transaction.release();
  }
}

/** What the caller of a batch is told; what is no statement's fault stays what it is. */
function toBatchError(
  cause: unknown,
  failure: BatchFailure | undefined,
  whatOfAll: "is kept" | "has run" = "is kept",
): unknown {
  if (failure === undefined) return cause;
  const { index, isKept } = failure;
  if (isKept)
    return new BatchError(
      `the rows of statement ${index} of a batch cannot be read; all of the batch ${whatOfAll}`,
      index,
      {
        cause,
      },
    );
  const what = index === undefined ? "the commit of a batch" : `statement ${index} of a batch`;
  return new BatchError(`${what} has failed: none of its statements is kept`, index, { cause });
}
