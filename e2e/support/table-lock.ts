import { asSuperuser } from "@openhouse/pool-testing";
import { onTestFinished } from "vitest";

/** A lock on a table that holds up the statements of others, so that requests are certainly under way. */
export interface TableLock {
  /** How many backends wait for it now. */
  blocked(): Promise<number>;
  /** Lets them go; so does the end of the test. May be called again. */
  release(): Promise<void>;
}

const BLOCKED = "select count(*)::int as count from pg_stat_activity where $1 = any(pg_blocking_pids(pid))";

/**
 * Locks a table, as the superuser, in a transaction of its own.
 *
 * @param mode `access exclusive` holds up readers and writers, `share` writers alone.
 */
export async function lockTable(
  serverUrl: string,
  table: string,
  mode: "access exclusive" | "share",
): Promise<TableLock> {
  const lock = await new Promise<TableLock>((resolve, reject) => {
    const transaction = asSuperuser(serverUrl, async (client) => {
      await client.query(`begin; lock table ${table} in ${mode} mode`);
      const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
      const pid = rows[0]?.pid;
      await new Promise<void>((end) =>
        resolve({
          // On another connection: a transaction sees pg_stat_activity as it was at its first look.
          blocked: () =>
            asSuperuser(serverUrl, async (other) => {
              const answer = await other.query<{ count: number }>(BLOCKED, [pid]);
              return answer.rows[0]?.count ?? 0;
            }),
          release() {
            end();
            return transaction;
          },
        }),
      );
      await client.query("rollback");
    });
    transaction.catch(reject);
  });
  onTestFinished(lock.release);
  return lock;
}
