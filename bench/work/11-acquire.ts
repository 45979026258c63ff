import { CONTESTANTS } from "../clients/index.ts";
import { openPool } from "../clients/ours.ts";
import { openCrowdedPgPool } from "../clients/pg-pool.ts";
import { openSql } from "../clients/postgres-js.ts";
import { MAX } from "../compare/throughput.ts";
import type { Job, Work } from "../compare/work.ts";

const { ours } = CONTESTANTS;
const PG_POOL = "pg.Pool";
const OURS_RAW = "ours, connect()";
const POSTGRES_JS = "postgres.js, reserve()";
/** Borrows between two looks at the clock. */
const BATCH = 200;

export const acquire: Work = {
  id: "11",
  title: "acquire and release alone",
  method:
    "One caller borrows an idle connection of a warm pool and gives it back, over and over; no statement is sent. CPU of the process by borrow. Ours: `acquire({ clean: true })`, which is what Drizzle's transactions and scoped statements use; `connect()` lends to code that may change the session, so that the session is reset afterwards, which is a round trip.",
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
    const { borrow, end } = await open(job);
    for (const untilMs = performance.now() + job.effort.warmUpMs; performance.now() < untilMs; )
      await borrow();
    const cpuBefore = process.cpuUsage();
    const sinceMs = performance.now();
    let borrows = 0;
    while (performance.now() - sinceMs < job.effort.measureMs) {
      for (let each = 0; each < BATCH; each++) await borrow();
      borrows += BATCH;
    }
    const seconds = (performance.now() - sinceMs) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    await end();
    return { cpuUs: (user + system) / borrows, perSecond: borrows / seconds };
  },
  goals: [
    {
      what: "CPU of ours to pg.Pool's",
      wanted: 1.05,
      better: "less",
      bound:
        "both clocks are read when a connection is lent and when it comes back, for use and trust, who holds what is kept for the error of those who wait in vain, and two async contexts are asked whether the caller holds a connection already. pg.Pool sets a timer for each borrow and lends in the next tick, which takes longer than all of that.",
      of: (round) => {
        const [mine, theirs] = [round(ours.title)?.cpuUs, round(PG_POOL)?.cpuUs];
        return mine === undefined || theirs === undefined ? undefined : mine / theirs;
      },
    },
  ],
  ahead: {
    [PG_POOL]:
      "It records no wait and no use time, keeps no list of who holds what, and does not look at the connection's state when it comes back.",
    [POSTGRES_JS]: "A reserved connection is taken off a list, and nothing about it is recorded or judged.",
  },
};

async function open({ entry, url }: Job): Promise<{ borrow(): Promise<void>; end(): Promise<void> }> {
  if (entry.title === POSTGRES_JS) {
    const sql = await openSql({ url, max: MAX });
    const warm = await Promise.all(Array.from({ length: MAX }, () => sql.reserve()));
    for (const each of warm) each.release();
    return { borrow: async () => (await sql.reserve()).release(), end: () => sql.end({ timeout: 1 }) };
  }
  if (entry.title === PG_POOL) {
    const pool = openCrowdedPgPool({ url, max: MAX });
    await warmUp(pool);
    return { borrow: async () => (await pool.connect()).release(), end: () => pool.end() };
  }
  const pool = openPool({ url, max: MAX });
  await warmUp(pool);
  const borrow =
    entry.title === OURS_RAW
      ? async () => (await pool.connect()).release()
      : async () => (await pool.acquire({ clean: true })).release();
  return { borrow, end: () => pool.end() };
}

async function warmUp(pool: { connect(): Promise<{ release(): void }> }): Promise<void> {
  const warm = await Promise.all(Array.from({ length: MAX }, () => pool.connect()));
  for (const client of warm) client.release();
}
