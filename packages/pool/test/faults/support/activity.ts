import type { Client } from "../../../src/query/client.ts";

const RUNNING = `select count(*)::int as n from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()`;

/** How many statements run in the database, the question itself left out. */
export async function runningStatements(observer: Client): Promise<number> {
  const { rows } = await observer.query<{ n: number }>(RUNNING);
  return rows[0]?.n ?? 0;
}

/** Looks again and again until `work` is done. @returns the most statements that ran at one time. */
export async function mostRunningDuring(observer: Client, work: Promise<unknown>): Promise<number> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  let most = 0;
  while (!over) {
    most = Math.max(most, await runningStatements(observer));
    await new Promise((resolve) => setTimeout(resolve, 5)); // between two looks
  }
  await done;
  return most;
}
