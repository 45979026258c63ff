import { redactError, resetSession } from "@openhouse/pool";
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
  const client = await acquire(signal, timeoutMs);
  try {
    return await work(client);
  } catch (error) {
    redactError(error);
    throw error;
  } finally {
    client.release(!(await resetSession(client)));
  }
}

async function acquire(signal: AbortSignal | undefined, timeoutMs: number | undefined): Promise<PoolClient> {
  signal?.throwIfAborted();
  const limits = [signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)];
  const limit = AbortSignal.any(limits.filter((one) => one !== undefined));
  const acquired = sharedResources().pool.connect();
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(limit.reason);
      // It comes all the same, and nobody waits for it any more.
      acquired.then((client) => client.release()).catch(() => {});
    };
    limit.addEventListener("abort", giveUp, { once: true });
    acquired.then(resolve, reject).finally(() => limit.removeEventListener("abort", giveUp));
  });
}
