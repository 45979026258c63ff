import { type NodePgClient, NodePgDatabase, NodePgSession } from "drizzle-orm/node-postgres";
import type { PgTransactionConfig } from "drizzle-orm/pg-core";
import { npmVersion } from "drizzle-orm/version";
import { runHolding } from "../acquire/held-connections.ts";
import { isError } from "../async/is-error.ts";
import { PoolError, TransactionOverError } from "../errors/errors.ts";
import {
  type ScopeOptions,
  type SettingsFor,
  settingsFor,
  type TransactionSettings,
} from "../query/local-settings.ts";
import { checkedReadOptions, type ReplicaReadOptions } from "../replicas/read-options.ts";
import { ReplicaReads } from "../replicas/replica-reads.ts";
import type { ReplicaSet } from "../replicas/replica-set.ts";
import { runBatchIn } from "../transaction/batch.ts";
import { type ConnectionSource, heldBy, ScopedPool } from "../transaction/scoped-pool.ts";
import { TransactionClient } from "../transaction/transaction-client.ts";
import { checkTransactionOptions } from "../transaction/transaction-options.ts";
import type { OnPosition } from "../transaction/write-position.ts";
import {
  type Batching,
  type BatchingDatabase,
  type BatchingTransaction,
  type BatchOptions,
  type BatchQueries,
  type BatchResults,
  runBatchOf,
  runEachOf,
  type SeparateBatchOptions,
  type SettledBatchResults,
} from "./batch.ts";
import { assertDrizzle } from "./drizzle-check.ts";
import { locateQueries } from "./query-call-sites.ts";
import type { ReadingDatabase } from "./replica-database.ts";
import { takeTurns } from "./savepoint-order.ts";
import { partsOf, type Schema } from "./schema-parts.ts";

type Transaction<TSchema extends Schema> = Parameters<
  Parameters<NodePgDatabase<TSchema>["transaction"]>[0]
>[0];
type PlainWork<TSchema extends Schema, T> = (tx: Transaction<TSchema>) => Promise<T>;
type Work<TSchema extends Schema, T> = (tx: Transaction<TSchema> & BatchingTransaction) => Promise<T>;

/** Of which Drizzle, in either version, makes no builders of relational queries. */
const NO_TABLES: unknown = {};

/** Drizzle over our connections. */
export interface DrizzleOverPool<TSchema extends Schema, Source extends ConnectionSource = ConnectionSource> {
  /** Statements run as they are. `$client` is the pool, as Drizzle has it. */
  readonly db: BatchingDatabase<TSchema> & { readonly $client: Source };
  /**
   * The same type; every statement, relational query and transaction runs with the scope's settings. Cheap to make.
   *
   * @param options.onPosition is told where the primary's log ended behind each write and each commit: asked in the same round
   * trip, but for a batch in one transaction, which takes one more. Not behind a SELECT whose function writes.
   * @throws {ScopeError} there are no settings, or one is no string; no connection was taken.
   */
  scoped(
    scope: TransactionSettings,
    options?: { readonly onPosition?: OnPosition | undefined },
  ): BatchingDatabase<TSchema>;
  /**
   * Reads only, each from a replica that has what it must see, else from the primary. Without `replicas` all of it is the primary's.
   *
   * @throws {ScopeError} there are no settings, or `options` cannot be; no connection was taken.
   * @throws {ReadTokenError} `options.after` is no position.
   */
  reading(
    scope: TransactionSettings,
    replicas: () => ReplicaSet | undefined,
    options?: ReplicaReadOptions,
  ): ReadingDatabase<TSchema>;
}

/**
 * Puts Drizzle over a pool.
 *
 * @param source asked for the pool at every statement, so that nothing connects, nor reads a setting, before the first.
 * @param schema tables and relations; for Drizzle 1.0 what `defineRelations` has made, or tables alone.
 * @param options.sign makes what is sent in the place of a scope, once the connection is known.
 * @throws {PoolConfigError} Drizzle is older than 0.45.4, or than 1.0.0-rc.1: a transaction would keep what it rolled back.
 */
export function drizzleOverPool<TSchema extends Schema, Source extends ConnectionSource>(
  source: () => Source,
  schema: TSchema,
  options: ScopeOptions = {},
): DrizzleOverPool<TSchema, Source> {
  assertDrizzle(npmVersion);
  // Working out the relations takes longer than all the rest: once for every scope.
  const parts = partsOf(schema);
  const { dialect, relational } = parts;
  let wantsCallSites = true; // until a pool says otherwise: building a query must not make one
  const pool = () => {
    const connections = source();
    ({ wantsCallSites } = connections);
    return connections;
  };
  const make = (settings?: SettingsFor, onPosition?: OnPosition) =>
    over(new ScopedPool(pool, settings, undefined, onPosition));
  const over = (client: ScopedPool | ReplicaReads) => {
    const session = new NodePgSession(asNodePgClient(client), dialect, relational);
    const database = new PooledDatabase<TSchema>(pool, session, parts);
    if (wantsCallSites) locateQueries(database, () => wantsCallSites);
    return database;
  };
  // Asked for at every use, as the pool is.
  const db = Object.defineProperty(make(), "$client", { get: source }) as ReturnType<typeof make> & {
    readonly $client: Source;
  };
  return {
    db,
    scoped: (scope, { onPosition } = {}) => make(settingsFor(scope, options), onPosition),
    reading: (scope, replicas, readOptions = {}) => {
      const settings = settingsFor(scope, options);
      return over(
        new ReplicaReads({ replicas, primary: pool, settings, options: checkedReadOptions(readOptions) }),
      );
    },
  };
}

class PooledDatabase<TSchema extends Schema> extends NodePgDatabase<TSchema> implements Batching {
  readonly #source: () => ConnectionSource;

  /** Made for every request: the builders of relational queries, one for each table, are made when one is asked for. */
  constructor(
    source: () => ConnectionSource,
    session: ConstructorParameters<typeof NodePgDatabase<TSchema>>[1],
    { dialect, describe, relational }: ReturnType<typeof partsOf<TSchema>>,
  ) {
    super(dialect, session, NO_TABLES as ConstructorParameters<typeof NodePgDatabase<TSchema>>[2]);
    this.#source = source;
    const writable = this as { -readonly [Field in "query" | "_"]: NodePgDatabase<TSchema>[Field] };
    const query = new MadeAtUse(
      () => new NodePgDatabase<TSchema>(dialect, session, relational).query as object,
    );
    writable.query = new Proxy({}, query) as typeof writable.query;
    writable._ = describe(session);
  }

  batch<T extends BatchQueries>(queries: T, options: SeparateBatchOptions): Promise<SettledBatchResults<T>>;
  batch<T extends BatchQueries>(queries: T, options?: BatchOptions): Promise<BatchResults<T>>;
  batch<T extends BatchQueries>(
    queries: T,
    options: BatchOptions | SeparateBatchOptions = {},
  ): Promise<BatchResults<T> | SettledBatchResults<T>> {
    const session: { readonly client: ScopedPool } = Reflect.get(this as object, "session");
    if (options.atomic === false) return runEachOf(session.client, queries, options);
    return runBatchOf(session.client, queries, options);
  }

  /**
   * As Drizzle's. Nested transactions take turns.
   *
   * @throws {TransactionOptionsError} Postgres has no such isolation level or access mode; no connection was taken.
   * @throws {CommitUnknownError} the connection was lost during COMMIT. Do not retry blindly.
   * @throws {TransactionAbortedError} `work` swallowed a failed statement; nothing was kept.
   * Errors of `work` are rethrown as they are, after a rollback; where that failed, its error is their `suppressed`.
   */
  override async transaction<T>(work: Work<TSchema, T>, config?: PgTransactionConfig): Promise<T> {
    checkTransactionOptions(config);
    const pool = this.#source();
    let transaction: TransactionClient | undefined;
    const locate = (tx: object) => {
      locateQueries(tx, () => pool.wantsCallSites);
      addBatch(tx, () => transaction);
    };
    const asHolder: typeof work = ((tx: Parameters<typeof work>[0]) => {
      const client: unknown = Reflect.get(tx._.session, "client");
      if (pool.wantsCallSites) locateQueries(tx, () => pool.wantsCallSites);
      addBatch(tx, () => transaction);
      const inTurns = () => work(takeTurns(tx, locate));
      if (!(client instanceof TransactionClient)) return inTurns();
      transaction = client;
      return client.during(() => runHolding(heldBy(pool, client), inTurns));
    }) as typeof work;
    try {
      return await super.transaction(asHolder as PlainWork<TSchema, T>, config);
    } catch (error) {
      const thrown = unwrapPoolError(error);
      suppress(thrown, transaction?.rollbackError);
      throw thrown;
    }
  }
}

/** Of a proxy that stands for an object which is made when it is first looked into, or changed. */
class MadeAtUse<T extends object> implements ProxyHandler<T> {
  #make: (() => T) | undefined;

  constructor(make: () => T) {
    this.#make = make;
  }

  get(target: T, key: PropertyKey): unknown {
    return Reflect.get(this.#made(target), key);
  }

  has(target: T, key: PropertyKey): boolean {
    return Reflect.has(this.#made(target), key);
  }

  set(target: T, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(this.#made(target), key, value);
  }

  ownKeys(target: T): (string | symbol)[] {
    return Reflect.ownKeys(this.#made(target));
  }

  getOwnPropertyDescriptor(target: T, key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#made(target), key);
  }

  defineProperty(target: T, key: PropertyKey, property: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#made(target), key, property);
  }

  deleteProperty(target: T, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.#made(target), key);
  }

  #made(target: T): T {
    const make = this.#make;
    this.#make = undefined;
    return make === undefined ? target : Object.assign(target, make());
  }
}

/** Gives a transaction, or one within it, the method. */
function addBatch(tx: object, transaction: () => TransactionClient | undefined): void {
  const batch: BatchingTransaction["batch"] = async (queries, { signal, timeoutMs, atomic } = {}) => {
    const runner = transaction();
    if (runner === undefined) throw new TransactionOverError("this transaction is not the pool's");
    return await runBatchOf(
      {
        isSameScope: (other) => runner.isSameScope(other),
        batch: (statements, options) => runBatchIn(runner, statements, options),
      },
      queries,
      { signal, timeoutMs, atomic },
    );
  };
  Object.defineProperty(tx, "batch", { value: batch });
}

/**
 * Finds our own error under the one that Drizzle wraps around whatever a driver throws, so that a caller can decide by
 * class and `code`.
 */
function unwrapPoolError(error: unknown): unknown {
  return isError(error) && error.cause instanceof PoolError ? error.cause : error;
}

/** Notes what failed while `error` was dealt with, under `SuppressedError`'s name; `error` stays what the caller threw. */
function suppress(error: unknown, suppressed: unknown): void {
  if (suppressed === undefined || !isError(error)) return;
  if ("suppressed" in error || !Object.isExtensible(error)) return;
  Object.defineProperty(error, "suppressed", { value: suppressed, configurable: true, writable: true });
}

/** Drizzle's type asks for pg's classes; what it calls is `query`, and `connect` of a pool. */
export function asNodePgClient(client: Pick<ScopedPool, "query">): NodePgClient {
  return client as unknown as NodePgClient;
}
