import {
  type HealthReport,
  type LogContext,
  laterToken,
  type PoolStats,
  type ReadToken,
  type ReplicaReadOptions,
  type ReplicaStats,
  type RetryOptions,
  withRetry as retryWithin,
  TenantIdError,
} from "@openhouse/pool";
import {
  type BatchingDatabase,
  drizzleOverPool,
  type Query,
  type ReadingDatabase,
  type Sign,
  type TransactionSettings,
} from "@openhouse/pool/drizzle";
import { lifecycleState } from "@openhouse/pool/process";
import { routeSetting } from "./application-name.ts";
import { noteHealth } from "./last-health.ts";
import type { ShareStats } from "./pool-share.ts";
import { openResources, readSettingsAgain, type SharedResources, sharedResources } from "./resources.ts";
import * as schema from "./schema/index.ts";
import { TENANT_SETTING } from "./tenant-token.ts";
import { isUuid } from "./uuid.ts";

export {
  AcquireTimeoutError,
  BatchError,
  BatchTooLargeError,
  CommitUnknownError,
  type HealthReport,
  MisplacedStatementError,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  PoolError,
  PoolSaturatedError,
  type PoolStats,
  PreparedQueryError,
  ReadToken,
  ReadTokenError,
  type ReplicaReadOptions,
  type ReplicaStats,
  ReplicaUnavailableError,
  readToken,
  ScopeError,
  SessionRequiredError,
  StatementTimeoutError,
  TenantIdError,
  TenantTokenError,
  TooManyParametersError,
  TransactionAbortedError,
  TransactionOptionsError,
  TransactionOverError,
  UnsafeRoleError,
  WrongRoleError,
} from "@openhouse/pool";
export { beginDraining, lifecycleState, takeOverSignals } from "@openhouse/pool/process";
export { nameProcess } from "./application-name.ts";
export { closeAllConnections, closeDbConnection, releaseConnection, withDbCleanup } from "./compat.ts";
export type { Database, Reader } from "./database.ts";
export { databaseSettings, environment } from "./env.ts";
export type { ShareStats } from "./pool-share.ts";
export { prepareFor } from "./prepare-for.ts";
export { closePool, disconnect } from "./resources.ts";
export { withClient } from "./with-client.ts";

/** A database whose queries can also go out together. */
export type TenantDatabase = BatchingDatabase<typeof schema>;
export type { Query };

/** One tenant's database, which can also be read from replicas. */
export type ReplicatedDatabase = TenantDatabase & ReplicaReading;

export interface ReplicaReading {
  /**
   * The tenant's rows, to be read only: each query, or batch, goes to a replica of `DATABASE_URL_REPLICAS` that has what it must
   * see, and to the primary where there is none. Without replicas, and over the single client, all of it goes to the primary.
   *
   * Queries throw {@link ReplicaUnavailableError} where no replica serves them and a quarter of the primary's connections is used
   * by such reads already, for more than a second; {@link ReadTokenError} where `after` is ahead of the primary; and
   * {@link NestedAcquireError} where no replica serves them and the running code holds a connection of the primary.
   *
   * @throws {ReadTokenError} `after` is no position.
   * @throws {ScopeError} `maxLagMs` is no number from 0 on.
   */
  onReplica(options?: ReplicaReadOptions): ReadingDatabase<typeof schema>;
  /**
   * Runs `work`, which writes, and tells where the primary's log ended behind the last of it: for `onReplica({ after })`. The
   * position comes in the round trip of each write, or commit; that of a batch in one transaction takes one more.
   *
   * @returns no position where nothing was written, or there are no replicas. Errors of `work` are rethrown as they are.
   */
  withPosition<T>(
    work: (db: TenantDatabase) => Promise<T>,
  ): Promise<{ readonly result: T; readonly position: ReadToken | undefined }>;
}

/** The process's one way to the database. */
export interface DatabaseResources extends Pick<SharedResources, "pool" | "mode"> {
  readonly db: BatchingDatabase<typeof schema>;
}

const NOTHING_OPEN: PoolStats = {
  totalCount: 0,
  idleCount: 0,
  waitingCount: 0,
  usedCount: 0,
  connectingCount: 0,
  closingCount: 0,
  max: 0,
  min: 0,
};

const NO_SHARE: ShareStats = { usedCount: 0, waitingCount: 0, max: 0 };

readSettingsAgain();

/** The tenant's id becomes a token that holds on this connection only. */
const sign: Sign = (scope, backendPid) => ({
  ...scope,
  [TENANT_SETTING]: sharedResources().tokens.tokenFor(scope[TENANT_SETTING] ?? "", backendPid),
});

const drizzled = drizzleOverPool(() => sharedResources().pool, schema, { sign });
const drizzledInBackground = drizzleOverPool(() => sharedResources().background, schema, { sign });
const drizzledForStrangers = drizzleOverPool(() => sharedResources().strangers, schema, { sign });

/** Drizzle over the pool, with the whole schema. It sees no tenant's rows: row-level security fails closed. */
export const db: BatchingDatabase<typeof schema> = drizzled.db;

/** {@link db} for background work: see {@link forTenantInBackground}. */
export const dbInBackground: BatchingDatabase<typeof schema> = drizzledInBackground.db;

/** {@link db} for those who are not signed in: see {@link forTenantAsStranger}. */
export const dbForStrangers: BatchingDatabase<typeof schema> = drizzledForStrangers.db;

/** Who acts within a tenant: for policies, triggers and columns that ask for it. */
export interface Actor {
  /** `current_setting('app.user_id', true)` */
  readonly userId?: string | undefined;
  /** `current_setting('app.role', true)` */
  readonly role?: string | undefined;
}

/**
 * The same Drizzle, as one tenant: every statement, relational query and transaction sees and writes that tenant's rows
 * only. Cheap to make: once per request. A statement takes one round trip, as an unscoped one does.
 *
 * @throws {TenantIdError} `tenantId` is not a UUID; no connection was taken.
 */
export function forTenant(tenantId: string, actor: Actor = {}): ReplicatedDatabase {
  const scope = scopeOf(tenantId, actor);
  return Object.assign(drizzled.scoped(scope), readingFromReplicas(scope));
}

function readingFromReplicas(scope: TransactionSettings): ReplicaReading {
  const replicas = () => sharedResources().replicas?.set;
  return {
    onReplica: (options) => drizzled.reading(scope, replicas, options),
    withPosition: async (work) => {
      const set = replicas();
      if (set === undefined) return { result: await work(drizzled.scoped(scope)), position: undefined };
      let position: ReadToken | undefined;
      const onPosition = (token: ReadToken) => {
        set.notePosition(token);
        position = laterToken(position, token);
      };
      const result = await work(drizzled.scoped(scope, { onPosition }));
      return { result, position };
    },
  };
}

/**
 * {@link forTenant} for work that nobody waits for, such as jobs: all of it together uses at most
 * `max(1, floor(DB_POOL_MAX / 4))` connections at once, and the rest of it waits, for up to 30 s, outside of the line in
 * which requests stand.
 *
 * Statements throw {@link AcquireTimeoutError} where the turn does not come, and {@link NestedAcquireError} where the
 * running code holds a connection already: inside a transaction use its own handle.
 *
 * @throws {TenantIdError} `tenantId` is not a UUID; no connection was taken.
 */
export function forTenantInBackground(tenantId: string, actor: Actor = {}): BatchingDatabase<typeof schema> {
  return drizzledInBackground.scoped(scopeOf(tenantId, actor));
}

/**
 * {@link forTenant} for what somebody asks who is not signed in: an onboarding code, a password. All of it together uses at
 * most `min(3, max(1, floor(DB_POOL_MAX / 4)))` connections at once. The rest of it waits, 200 of them for up to 5 s, outside
 * of the line in which the requests of those stand who are; so that however many knock, nobody who is in notices.
 *
 * Statements throw {@link PoolSaturatedError} where as many wait as may, {@link AcquireTimeoutError} where the turn does not
 * come, and {@link NestedAcquireError} where the running code holds a connection already.
 *
 * @throws {TenantIdError} `tenantId` is not a UUID; no connection was taken.
 */
export function forTenantAsStranger(tenantId: string): BatchingDatabase<typeof schema> {
  return drizzledForStrangers.scoped(scopeOf(tenantId, {}));
}

function scopeOf(tenantId: string, { userId, role }: Actor) {
  if (!isUuid(tenantId))
    throw new TenantIdError("a tenant id is a UUID, such as 6f1c1f0e-5a8e-4d43-9f43-0c6f0b1a2d3e");
  return {
    [TENANT_SETTING]: tenantId,
    ...routeSetting(),
    ...(userId !== undefined && { "app.user_id": userId }),
    ...(role !== undefined && { "app.role": role }),
  };
}

/**
 * The pool and Drizzle over it: one per process and configuration, shared by hot reloads and bundles.
 *
 * @throws {PoolConfigError} listing every fault of the settings.
 */
export function getDatabaseResources(): DatabaseResources {
  const { pool, mode } = sharedResources();
  return { pool, mode, db };
}

/** The pool, and its replicas where there are any. */
export interface DatabaseStats extends PoolStats {
  readonly replicas?: readonly ReplicaStats[];
}

/** What the pool is doing now; synchronous, no I/O. All zero before the first use of the database. */
export function getPoolStats(): DatabaseStats {
  const resources = openResources();
  if (resources === undefined) return NOTHING_OPEN;
  const { pool, replicas } = resources;
  return { ...pool.getStats(), ...(replicas && { replicas: replicas.set.getStats() }) };
}

/** Whether `DATABASE_URL_REPLICAS` is set: without, no position is worth keeping. */
export function hasReplicas(): boolean {
  return sharedResources().replicas !== undefined;
}

/** Which database a line of the log is about. Empty before its first use. */
export function databaseContext(): LogContext {
  return openResources()?.logContext ?? {};
}

/** What background work has of the pool now; synchronous, no I/O. All zero before the first use of the database. */
export function getBackgroundStats(): ShareStats {
  return openResources()?.background.getStats() ?? NO_SHARE;
}

/** What those who are not signed in have of the pool now; synchronous, no I/O. All zero before the first use of the database. */
export function getStrangersStats(): ShareStats {
  return openResources()?.strangers.getStats() ?? NO_SHARE;
}

/**
 * Asks the database whether it answers. Never throws; settles within 900 ms. Results are shared for two seconds, and the
 * probe has a connection of its own.
 */
export async function healthCheck(): Promise<HealthReport> {
  const draining = lifecycleState() !== "open";
  try {
    const { pool, probe } = sharedResources();
    return noteHealth(await probe.check(pool.getStats(), draining));
  } catch {
    // Only the settings can be at fault here; the first statement tells which.
    const { totalCount, idleCount, waitingCount } = getPoolStats();
    return noteHealth({
      healthy: false,
      status: draining ? "draining" : "unhealthy",
      latencyMs: 0,
      poolStats: { totalCount, idleCount, waitingCount },
      error: "config",
      consecutiveFailures: 1,
      everHealthy: false,
    });
  }
}

/**
 * Runs `work` again where that is safe: nothing of it can have been kept, and it had no connection, or lost to another
 * transaction; after a lost connection only where `idempotent`. Backoff with full jitter; all retries of the process share one budget.
 */
export function withRetry<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  return retryWithin(work, sharedResources().retryBudget, options);
}
