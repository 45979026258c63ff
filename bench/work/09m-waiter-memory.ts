import { CONTESTANTS } from "../clients/index.ts";
import { checkOutAll, openAnyPool, PG_POOL } from "../clients/ours.ts";
import { MAX, times } from "../compare/throughput.ts";
import type { Work } from "../compare/work.ts";

const WAITERS = 10_000;

export const waiterMemory: Work = {
  id: "9m",
  title: "memory of a waiter",
  method: `Heap, after a garbage collection, that ${WAITERS.toLocaleString("en-US")} callers add who wait for a connection while all are checked out, divided by their number. A deadline is set in both, as a pool without one is no pool to wait for.`,
  better: "less",
  columns: [{ key: "bytes", title: "bytes a waiter" }],
  entries: [{ title: CONTESTANTS.ours.title }, { title: PG_POOL }],
  baseline: PG_POOL,
  mostRounds: 3,
  async measure({ entry, url }) {
    const pool = openAnyPool(entry.title, url, MAX);
    const checkedOut = await checkOutAll(pool, MAX);
    const before = heap();
    const waiting = Array.from({ length: WAITERS }, () => pool.connect());
    await new Promise((resolve) => setTimeout(resolve, 50));
    const bytes = (heap() - before) / WAITERS;
    for (const client of checkedOut) client.release();
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
      of: times("bytes", CONTESTANTS.ours.title, PG_POOL),
    },
  ],
};

function heap(): number {
  if (globalThis.gc === undefined) throw new Error("measuring memory needs --expose-gc");
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
