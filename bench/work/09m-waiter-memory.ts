import { CONTESTANTS } from "../clients/index.ts";
import { openPool } from "../clients/ours.ts";
import { openCrowdedPgPool } from "../clients/pg-pool.ts";
import { MAX } from "../compare/throughput.ts";
import type { Work } from "../compare/work.ts";

const WAITERS = 10_000;
const PG_POOL = "pg.Pool";

export const waiterMemory: Work = {
  id: "9m",
  title: "memory of a waiter",
  method: `Heap, after a garbage collection, that ${WAITERS.toLocaleString("en-US")} callers add who wait for a connection while all are lent, divided by their number. A deadline is set in both, as a pool without one is no pool to wait for.`,
  better: "less",
  columns: [{ key: "bytes", title: "bytes a waiter" }],
  entries: [{ title: CONTESTANTS.ours.title }, { title: PG_POOL }],
  baseline: PG_POOL,
  mostRounds: 3,
  async measure({ entry, url }) {
    const options = { url, max: MAX, crowd: true };
    const pool = entry.title === PG_POOL ? openCrowdedPgPool(options) : openPool(options);
    const lent = await Promise.all(Array.from({ length: MAX }, () => pool.connect()));
    const before = heap();
    const waiting = Array.from({ length: WAITERS }, () => pool.connect());
    await new Promise((resolve) => setTimeout(resolve, 50));
    const bytes = (heap() - before) / WAITERS;
    for (const client of lent) client.release();
    for (const client of waiting) (await client).release();
    await pool.end();
    return { bytes };
  },
  goals: [
    {
      what: "bytes of ours to pg.Pool's",
      wanted: 1,
      better: "less",
      bound:
        "pg-pool's own `connect` stays in front of our queue and makes its promise and its callback as before; our waiter comes on top.",
      of: (round) => {
        const [mine, theirs] = [round(CONTESTANTS.ours.title)?.bytes, round(PG_POOL)?.bytes];
        return mine === undefined || theirs === undefined ? undefined : mine / theirs;
      },
    },
  ],
};

function heap(): number {
  if (globalThis.gc === undefined) throw new Error("measuring memory needs --expose-gc");
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
