import { setImmediate } from "node:timers/promises";
import type pg from "pg";
import { CONTESTANTS } from "../clients/index.ts";
import { openAnyPool, PG_POOL } from "../clients/ours.ts";
import { homeOf } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { measureLoad, warmUp } from "../compare/load.ts";
import { CALLERS, MAX, THROUGHPUT, times } from "../compare/throughput.ts";
import type { Job, Session, Work } from "../compare/work.ts";

const { ours } = CONTESTANTS;

/** One for each number of statements between `connect()` and `release()`. */
export const checkout: readonly Work[] = [0, 1, 4].map((statements) => ({
  id: `16-${statements}`,
  title: `connect(), ${statements === 1 ? "one statement" : `${statements || "no"} statements`}, release()`,
  method: `A client is checked out of a warm pool of ${MAX} by ${CALLERS} callers, runs ${statements === 0 ? "nothing" : "point selects one after the other"}, and is released. Ours puts a session back that a statement may have changed, and no other.`,
  better: "more",
  columns: THROUGHPUT,
  baseline: PG_POOL,
  entries: [{ title: ours.title }, { title: PG_POOL }],
  goals: [
    {
      what: "client CPU of ours to pg.Pool's",
      wanted: 1.3,
      better: "less",
      of: times("cpuUs", ours.title, PG_POOL),
    },
  ],
  begin: (job) => begin(job, statements),
}));

async function begin({ entry, options, url }: Job, statements: number): Promise<Session> {
  const pool: pg.Pool = openAnyPool(entry.title, url, MAX);
  let taken = 0;
  const operation = async (n: number) => {
    // Where nothing is sent a pool answers from its own memory, and no timer would ever be heard.
    if (statements === 0 && ++taken % CALLERS === 0) await setImmediate();
    const client = await pool.connect();
    try {
      for (let each = 0; each < statements; each++) await client.query(SQL.homeById, [homeOf(n + each)]);
      return [];
    } finally {
      client.release();
    }
  };
  await warmUp(operation, CALLERS, options);
  return { round: () => measureLoad(operation, { callers: CALLERS, ...options }), end: () => pool.end() };
}
