import { CONTESTANTS } from "../clients/index.ts";
import { checkOutAll, openAnyPool, openPool, PG_POOL } from "../clients/ours.ts";
import { openSql } from "../clients/postgres-js.ts";
import { MAX, times } from "../compare/throughput.ts";
import type { Job, Work } from "../compare/work.ts";

const { ours } = CONTESTANTS;
const OURS_RAW = "ours, connect()";
const POSTGRES_JS = "postgres.js, reserve()";
/** Acquires between two looks at the clock. */
const BATCH = 200;

export const acquire: Work = {
  id: "11",
  title: "acquire and release alone",
  method:
    "One caller acquires an idle connection of a warm pool and releases it, over and over; no statement is sent. CPU of the process by acquire. Ours: `acquire()`, which is what Drizzle's transactions and scoped statements use, and `connect()`, which is pg.Pool's.",
  better: "less",
  columns: [
    { key: "cpuUs", title: "CPU µs", digits: 2 },
    { key: "perSecond", title: "per second" },
  ],
  entries: [
    { title: ours.title },
    { title: OURS_RAW },
    { title: PG_POOL },
    { title: POSTGRES_JS, client: "rawPostgresJs" },
  ],
  baseline: PG_POOL,
  async measure(job) {
    const { warmUpMs, measureMs } = job.options;
    const { once, end } = await open(job);
    for (const untilMs = performance.now() + warmUpMs; performance.now() < untilMs; ) await once();
    const cpuBefore = process.cpuUsage();
    const sinceMs = performance.now();
    let acquires = 0;
    while (performance.now() - sinceMs < measureMs) {
      for (let each = 0; each < BATCH; each++) await once();
      acquires += BATCH;
    }
    const seconds = (performance.now() - sinceMs) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    await end();
    return { cpuUs: (user + system) / acquires, perSecond: acquires / seconds };
  },
  goals: [
    {
      what: "CPU of ours to pg.Pool's",
      wanted: 1.05,
      better: "less",
      bound:
        "both clocks are read when a connection is checked out and when it comes back, for use and trust, who holds what is kept for the error of those who wait in vain, and two async contexts are asked whether the caller holds a connection already. pg.Pool sets a timer for each acquire and serves in the next tick, which takes longer than all of that.",
      of: times("cpuUs", ours.title, PG_POOL),
    },
  ],
  ahead: {
    [PG_POOL]:
      "It records no wait and no use time, keeps no list of who holds what, and does not look at the connection's state when it comes back.",
    [POSTGRES_JS]: "A reserved connection is taken off a list, and nothing about it is recorded or judged.",
  },
};

async function open({
  entry: { title },
  url,
}: Job): Promise<{ once(): Promise<void>; end(): Promise<void> }> {
  if (title === POSTGRES_JS) {
    const sql = await openSql({ url, max: MAX });
    const warm = await Promise.all(Array.from({ length: MAX }, () => sql.reserve()));
    for (const each of warm) each.release();
    return { once: async () => (await sql.reserve()).release(), end: () => sql.end({ timeout: 1 }) };
  }
  const acquiring = title === ours.title ? openPool({ url, max: MAX }) : undefined;
  const pool = acquiring ?? openAnyPool(title, url, MAX);
  for (const client of await checkOutAll(pool, MAX)) client.release();
  const once = acquiring
    ? async () => (await acquiring.acquire()).release()
    : async () => (await pool.connect()).release();
  return { once, end: () => pool.end() };
}
