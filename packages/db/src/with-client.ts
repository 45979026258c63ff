import { CallSite, redactError, runHolding } from "@openhouse/pool";
import type { PoolClient } from "pg";
import { sharedResources } from "./resources.ts";

export interface WithClientOptions {
  /** Gives up waiting for a connection. `work` itself is not interrupted. */
  signal?: AbortSignal;
  /** How long to wait for a connection, in milliseconds, where `DB_POOL_CONN_TIMEOUT_MS` is too long. */
  timeoutMs?: number;
}

/**
 * Lends a raw client to `work`. Whatever `work` does, the connection comes back: with its session reset (settings, role,
 * temporary tables, listeners, advisory locks), or destroyed where that cannot be done, as inside an open transaction.
 *
 * @throws {AcquireTimeoutError} no connection came free in time; `signal`'s reason; errors of `work` as they are.
 */
export async function withClient<T>(
  work: (client: PoolClient) => Promise<T>,
  { signal, timeoutMs }: WithClientOptions = {},
): Promise<T> {
  const { pool } = sharedResources();
  const callSite = pool.wantsCallSites ? new CallSite(withClient) : undefined;
  const client = await pool.acquire({ signal, timeoutMs, callSite });
  try {
    return await runHolding({ pool, client }, () => work(client));
  } catch (error) {
    redactError(error);
    throw error;
  } finally {
    client.release();
  }
}
