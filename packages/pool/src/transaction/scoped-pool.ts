import type pg from "pg";
import { type Held, runHolding } from "../acquire/held-connections.ts";
import { pauseToResend, resendUnsent } from "../acquire/resend.ts";
import { isError } from "../async/is-error.ts";
import { signalOf } from "../async/on-abort.ts";
import { MisplacedStatementError } from "../errors/errors.ts";
import { redactError, redactParameters } from "../errors/redact.ts";
import { isUnsent } from "../errors/unsent.ts";
import { prepareValue } from "../pg/internals.ts";
import type { BatchLimits, Client } from "../query/client.ts";
import { isSameScope, type Prelude, type SettingsFor } from "../query/local-settings.ts";
import { ReadToken } from "../query/read-token.ts";
import { isRead } from "../query/scoped-query.ts";
import { isStale } from "../query/stale-statement.ts";
import { isSubmittable } from "../query/submittable.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import {
  type BatchOptions,
  type CheckedBatch,
  checkedBatch,
  isAtomic,
  runBatch,
  runEach,
  type SeparateBatchOptions,
  sendsEach,
} from "./batch.ts";
import { openBatchSlot } from "./batch-slot.ts";
import { refuseMisplaced } from "./refuse-misplaced.ts";
import {
  isOurs,
  isSeveral,
  located,
  type QueryInput,
  TransactionClient,
  textOf,
  withValues,
} from "./transaction-client.ts";
import {
  askPosition,
  type OnPosition,
  POSITION,
  queryWithPosition,
  tellsPositions,
  tokenIn,
} from "./write-position.ts";

/** What is needed of a pool, or of the one client that replaces it. */
export interface ConnectionSource {
  acquire(options?: {
    callSite?: CallSite | undefined;
    signal?: AbortSignal | undefined;
    timeoutMs?: number | undefined;
    tenant?: string | undefined;
  }): Promise<pg.PoolClient>;
  /** How long a caller waits for a connection, in milliseconds: what a pooler has not sent on is sent again meanwhile. @default 0 */
  readonly acquireLimitMs?: number;
  query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult>;
  /** Whether reports need the places that statements come from. */
  readonly wantsCallSites: boolean;
  /** The pool whose connections it checks out, where it is a part of one: a deadlock is judged over the whole pool. */
  readonly wholePool?: object;
}

/**
 * A pool's statements and transactions within a scope, or without one: single statements go to the pool, transactions to
 * a {@link TransactionClient}. With settings, a single statement runs in a transaction of its own in which they hold, in
 * one round trip.
 *
 * @param source asked for at every use, so that this outlives a change of pool.
 */
export class ScopedPool {
  /**
   * Drizzle runs a transaction on one connection only where its client's class has "Pool" in its name.
   * Set by hand, because a bundler that minifies would change it, and transactions would silently stop being atomic.
   */
  static readonly name = "ScopedPool";

  readonly #source: () => ConnectionSource;
  readonly #settings: SettingsFor | undefined;
  readonly #callSite: CallSite | undefined;
  readonly #onPosition: OnPosition | undefined;

  /** @param onPosition is told where the primary's log ended, behind each write of a scope. */
  constructor(
    source: () => ConnectionSource,
    settings?: SettingsFor,
    callSite?: CallSite,
    onPosition?: OnPosition,
  ) {
    this.#source = source;
    this.#settings = settings;
    this.#callSite = callSite;
    this.#onPosition = onPosition;
  }

  at(callSite: CallSite): ScopedPool {
    return new ScopedPool(this.#source, this.#settings, callSite, this.#onPosition);
  }

  async connect(): Promise<TransactionClient> {
    const source = this.#source();
    const tenant = this.#settings?.tenant;
    const acquire = (timeoutMs?: number) => source.acquire({ callSite: this.#callSite, timeoutMs, tenant });
    const again = { limitMs: limitOf(source), acquire };
    return new TransactionClient(await acquire(), this.#settings, again, this.#onPosition);
  }

  /**
   * @throws {MisplacedStatementError} a scope cannot hold the statement; nothing was sent.
   * @throws {CommitUnknownError} the connection was lost with a scope's write under way.
   */
  async query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    const slot = openBatchSlot();
    if (slot !== undefined)
      return await slot.take(this, withValues(located(statement, this.#callSite), values));
    const settings = this.#settings;
    try {
      if (settings !== undefined) return await this.#queryWith(settings, statement, values);
      return await this.#source().query(located(statement, this.#callSite), values);
    } catch (error) {
      redactError(error);
      redactParameters(values);
      throw error;
    }
  }

  /**
   * Runs `work` in a transaction, in which the scope's settings hold.
   *
   * @throws {CommitUnknownError} the connection was lost during COMMIT. Do not retry blindly.
   * @throws {TransactionAbortedError} `work` swallowed a failed statement; nothing was kept.
   * Errors of `work` are rethrown as they are, after a rollback.
   */
  async transaction<T>(work: (client: Pick<TransactionClient, "query">) => Promise<T>): Promise<T> {
    const source = this.#source();
    const transaction = await this.connect();
    const held = heldBy(source, transaction);
    return await inTransaction(transaction, () =>
      transaction.during(() => runHolding(held, () => work(transaction))),
    );
  }

  /** Whether another one runs its statements on the same pool, in the same scope. */
  isSameScope(other: object): boolean {
    return (
      other instanceof ScopedPool &&
      other.#source === this.#source &&
      isSameScope(this.#settings, other.#settings)
    );
  }

  /**
   * Runs several statements in one round trip on one connection, each in a transaction of its own: none is undone by another
   * one's failure, and each sees what those in front of it have kept. Over the single client they go one after the other.
   *
   * @returns what has become of each, in order, as of `Promise.allSettled`. It rejects only where nothing was sent.
   * @throws {BatchTooLargeError} more statements, or characters, than one batch may have; nothing was sent.
   * @throws {MisplacedStatementError} a statement is none that is known to stay in its transaction; nothing was sent.
   * @throws {TransactionOptionsError} there is no transaction of which `options` could set anything; nothing was sent.
   */
  batch(
    statements: readonly QueryInput[],
    options: SeparateBatchOptions,
  ): Promise<PromiseSettledResult<pg.QueryResult>[]>;
  /**
   * Runs several statements in one round trip on one connection, in one transaction: all of them are kept or none is, and each
   * sees what those in front of it have written. Over the single client it is a transaction of several round trips.
   *
   * @returns the result of each, in order.
   * @throws {BatchError} a statement has failed; `index` tells which. Nothing is kept.
   * @throws {BatchTooLargeError} more statements, or characters, than one batch may have; nothing was sent.
   * @throws {MisplacedStatementError} a statement is none that is known to stay in its transaction; nothing was sent.
   * @throws {CommitUnknownError} the connection was lost with a write among the statements. Do not retry blindly.
   */
  batch(statements: readonly QueryInput[], options?: BatchOptions): Promise<pg.QueryResult[]>;
  async batch(
    statements: readonly QueryInput[],
    options: BatchOptions | SeparateBatchOptions = {},
  ): Promise<pg.QueryResult[] | PromiseSettledResult<pg.QueryResult>[]> {
    try {
      const batch = checkedBatch(statements, options, this.#callSite);
      if (statements.length === 0) return [];
      const { callSite } = batch.limits;
      const { signal } = options;
      const source = this.#source();
      const run = async (timeoutMs: number | undefined) => {
        const client = await source.acquire({ callSite, signal, timeoutMs, tenant: this.#settings?.tenant });
        if (isAtomic(options)) return await runBatch(client, this.#settings, batch, this.#positionOf(batch));
        const outcomes = await this.#runEach(client, batch);
        throwIfAllUnsent(outcomes);
        for (const [index, { status }] of outcomes.entries())
          if (status === "rejected") redactParameters(valuesOf(statements[index]));
        return outcomes;
      };
      return await resendUnsent(limitOf(source), run, signal);
    } catch (error) {
      for (const each of statements) redactParameters(valuesOf(each));
      throw error;
    }
  }

  async #runEach(
    client: pg.PoolClient,
    batch: CheckedBatch,
  ): Promise<PromiseSettledResult<pg.QueryResult>[]> {
    if (sendsEach(client)) {
      const onPosition = this.#positionOf(batch);
      if (onPosition === undefined) return await runEach(client, this.#settings, batch);
      const withPosition = { ...batch, members: [...batch.members, POSITION] };
      const told = await runEach(client, this.#settings, withPosition);
      onPosition(tokenIn(told.pop()));
      return told;
    }
    client.release();
    const outcomes: PromiseSettledResult<pg.QueryResult>[] = [];
    for (const { config, values } of batch.members) {
      const alone = [this.query({ ...config, ...batch.limits }, [...values])];
      outcomes.push(...(await Promise.allSettled(alone)));
    }
    return outcomes;
  }

  /** Who is to be told of the position behind a batch: nobody, where it only reads. */
  #positionOf({ members }: CheckedBatch): OnPosition | undefined {
    return members.every(({ config }) => isRead(config.text)) ? undefined : this.#onPosition;
  }

  /** One function from the wait for a connection to its return: each more that waits for another costs every statement a turn. */
  async #queryWith(
    settingsFor: SettingsFor,
    statement: QueryInput,
    values: unknown[] | undefined,
  ): Promise<pg.QueryResult> {
    if (isSubmittable(statement))
      throw new MisplacedStatementError(
        "a cursor or stream goes on after its statement: give it to the scope's transaction(); nothing was sent",
      );
    const text = textOf(statement);
    const isOne = refuseMisplaced(text, "scope") && !isSeveral(statement, values);
    const onPosition = this.#onPosition !== undefined && !isRead(text) ? this.#onPosition : undefined;
    const signal = signalOf(statement);
    const source = this.#source();
    const { tenant } = settingsFor;
    const untilMs = performance.now() + limitOf(source);
    let timeoutMs: number | undefined;
    for (let failures = 0; ; failures++) {
      let held: pg.PoolClient | undefined;
      try {
        const client = await source.acquire({ callSite: this.#callSite, signal, timeoutMs, tenant });
        if (!isOne || !isOurs(client)) {
          const transaction = new TransactionClient(client, settingsFor, undefined, this.#onPosition);
          return await inTransaction(transaction, () => transaction.query(statement, values));
        }
        const settings = settingsOn(client, settingsFor);
        held = client;
        const result =
          onPosition === undefined
            ? await client.queryAfter([settings], statement, values)
            : await writeAtOnce(client, settings, statement, values, onPosition);
        held = undefined;
        client.release();
        return result;
      } catch (error) {
        held?.release(isError(error) ? error : new Error(String(error)));
        timeoutMs = await pauseToResend(error, failures, untilMs, signal);
      }
    }
  }
}

function limitOf({ acquireLimitMs = 0 }: ConnectionSource): number {
  return acquireLimitMs;
}

/** What a transaction's work holds, whichever connection that is by then. */
export function heldBy(source: ConnectionSource, transaction: TransactionClient): Held {
  const pool = source.wholePool ?? source;
  return {
    pool,
    get client() {
      return transaction.client;
    },
  };
}

/** A pooler that has sent nothing on refuses each statement for the one reason: all of them may go again. */
function throwIfAllUnsent(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = outcomes.map((each) => (each.status === "rejected" ? each.reason : undefined));
  if (reasons.every(isUnsent)) throw reasons[0];
}

function valuesOf(statement: QueryInput | undefined): unknown[] | undefined {
  return typeof statement === "object" ? statement.values : undefined;
}

/** The settings for a connection, which goes back where they cannot be made. */
function settingsOn(client: pg.PoolClient, settingsFor: SettingsFor): Prelude {
  try {
    return settingsFor(client);
  } catch (error) {
    client.release();
    throw error;
  }
}

/** Writes, and asks behind it where the log ends. Where a name is stale, nothing was kept, and the statement goes again alone. */
async function writeAtOnce(
  client: pg.PoolClient & Pick<Client, "queryAfter">,
  settings: Prelude,
  statement: QueryInput,
  values: unknown[] | undefined,
  onPosition: OnPosition,
): Promise<pg.QueryResult> {
  if (!tellsPositions(client)) {
    onPosition(ReadToken.PRIMARY);
    return await client.queryAfter([settings], statement, values);
  }
  const config = typeof statement === "string" ? { text: statement } : statement;
  const { signal, query_timeout, callSite, ...rest } = config as pg.QueryConfig & BatchLimits;
  try {
    const member = { config: rest, values: (values ?? config.values ?? []).map(prepareValue) };
    return await queryWithPosition(
      client,
      [settings],
      member,
      { signal, query_timeout, callSite },
      onPosition,
    );
  } catch (error) {
    if (!isStale(error)) throw error;
    const result = await client.queryAfter([settings], statement, values);
    onPosition(await askPosition(client));
    return result;
  }
}

/** Begins, does `work`, commits or rolls back, and gives the connection back. */
async function inTransaction<T>(transaction: TransactionClient, work: () => Promise<T>): Promise<T> {
  try {
    await transaction.query("begin");
    const result = await work();
    await transaction.query("commit");
    return result;
  } catch (error) {
    await transaction.query("rollback");
    throw error;
  } finally {
    transaction.release();
  }
}
