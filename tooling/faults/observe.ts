import pg from "pg";
import type { BenchContext } from "./context.ts";

type Queryable = Pick<pg.Client, "query">;

const OTHERS =
  "from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";

/** Lends a connection of its own, to look at the server and to do it harm. */
export async function observing<T>(
  { url }: BenchContext,
  work: (observer: pg.Client) => Promise<T>,
): Promise<T> {
  const observer = new pg.Client({ connectionString: url, ssl: false });
  observer.on("error", () => {});
  await observer.connect();
  try {
    return await work(observer);
  } finally {
    await observer.end();
  }
}

/** The backend that serves a pool's or a client's next statement. */
export async function backendPid(client: Queryable): Promise<number> {
  return (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
}

/** How many others are connected to the database. */
export async function backends(observer: Queryable): Promise<number> {
  return (await observer.query(`select count(*)::int as n ${OTHERS}`)).rows[0].n;
}

/** How many statements run in the database, the question itself left out. */
export async function runningStatements(observer: Queryable): Promise<number> {
  return (await observer.query(`select count(*)::int as n ${OTHERS} and state = 'active'`)).rows[0].n;
}

/** Looks again and again until `work` is done. @returns the most statements that ran at one time. */
export async function mostRunningDuring(observer: Queryable, work: Promise<unknown>): Promise<number> {
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

/** Ends every other connection, as a server does that restarts, and waits until they are gone. @returns how many there were. */
export async function endBackends(observer: Queryable): Promise<number> {
  return (await observer.query(`select pg_terminate_backend(pid, 2000) ${OTHERS}`)).rows.length;
}
