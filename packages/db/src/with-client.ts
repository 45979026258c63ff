import { CallSite, redactError, runHolding, ScopedPool } from "@openhouse/pool";
import type { PoolClient } from "pg";
import { sharedResources } from "./resources.ts";

export interface WithClientOptions {
  /** Gives up waiting for a connection. `work` itself is not interrupted. */
  signal?: AbortSignal;
  /** How long to wait for a connection, in milliseconds, where `DB_POOL_CONN_TIMEOUT_MS` is too long. */
  timeoutMs?: number;
}

/** What runs its statements one after the other in one transaction. */
export type TransactionalClient = Parameters<Parameters<ScopedPool["transaction"]>[0]>[0];

/**
 * Lends a raw client to `work`. Whatever `work` does, the connection comes back: with its session reset (settings, role,
 * temporary tables, listeners, advisory locks), or destroyed where that cannot be done, as inside an open transaction.
 *
 * Where `DATABASE_URL_DIRECT` is set it is a connection to the server itself, of a pool of four. Else, behind a pooler in
 * transaction mode, the client refuses what needs a session.
 *
 * With `session: false` the work runs in one transaction instead, which any pooler can hold: settings by SET LOCAL, locks by
 * pg_advisory_xact_lock.
 *
 * @throws {AcquireTimeoutError} no connection came free in time; `signal`'s reason; errors of `work` as they are.
 * @throws {SessionRequiredError} a statement would leave something in a session that a pooler shares; it was not sent.
 * @throws {CommitUnknownError} (`session: false`) the connection was lost during COMMIT.
 * @throws {TransactionAbortedError} (`session: false`) `work` swallowed a failed statement; nothing was kept.
 */
export function withClient<T>(
  work: (client: PoolClient) => Promise<T>,
  options?: WithClientOptions & { session?: true },
): Promise<T>;
export function withClient<T>(
  work: (client: TransactionalClient) => Promise<T>,
  options: WithClientOptions & { session: false },
): Promise<T>;
export async function withClient<T>(
  work: (client: PoolClient) => Promise<T>,
  { signal, timeoutMs, session = true }: WithClientOptions & { session?: boolean } = {},
): Promise<T> {
  const { pool: shared, direct } = sharedResources();
  const pool = session ? (direct ?? shared) : shared;
  const callSite = pool.wantsCallSites ? new CallSite(withClient) : undefined;
  const acquire = () => pool.acquire({ signal, timeoutMs, callSite });
  // The overloads see to it that such work asks no more of its client than a transaction's has.
  if (!session)
    return await inTransaction(pool, acquire, work as (client: TransactionalClient) => Promise<T>);
  const client = await acquire();
  try {
    return await runHolding({ pool, client }, () => work(client));
  } catch (error) {
    redactError(error);
    throw error;
  } finally {
    client.release();
  }
}

function inTransaction<T>(
  pool: ReturnType<typeof sharedResources>["pool"],
  acquire: () => Promise<PoolClient>,
  work: (client: TransactionalClient) => Promise<T>,
): Promise<T> {
  const source = {
    acquire,
    query: (...call: Parameters<ScopedPool["query"]>) => pool.query(...call),
    wantsCallSites: pool.wantsCallSites,
    wholePool: pool,
  };
  return new ScopedPool(() => source).transaction(work);
}
