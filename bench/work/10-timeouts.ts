import { CONTESTANTS } from "../clients/index.ts";
import { checkOutAll, openAnyPool, PG_POOL } from "../clients/ours.ts";
import { MAX } from "../compare/throughput.ts";
import type { Work } from "../compare/work.ts";

const TIMEOUT_MS = 1_000;

export const timeouts: Work = {
  id: "10",
  title: "20,000 waiters time out",
  method: `All connections are checked out; 20,000 callers ask at once, and all of them run into the deadline of ${TIMEOUT_MS} ms. The longest stall: how long a timer of one millisecond was late at most, from when all of them wait until the last one was told. (With \`--quick\` 5,000.) Kysely, Prisma and Drizzle wait in pg.Pool's queue.`,
  better: "less",
  columns: [
    { key: "stallMs", title: "longest stall ms", digits: 1 },
    { key: "lateMs", title: "last one told, ms after the deadline", digits: 1 },
    { key: "cpuMs", title: "CPU ms" },
  ],
  entries: [{ title: CONTESTANTS.ours.title }, { title: PG_POOL }],
  leftOut: [
    {
      title: CONTESTANTS.rawPostgresJs.title,
      reason: "it has no deadline for those who wait for a connection",
    },
  ],
  baseline: PG_POOL,
  mostRounds: 3,
  async measure({ entry, options, url }) {
    const pool = openAnyPool(entry.title, url, MAX, { connectionTimeoutMillis: TIMEOUT_MS });
    const checkedOut = await checkOutAll(pool, MAX);
    const cpuBefore = process.cpuUsage();
    const waiting = Array.from({ length: options.quick ? 5_000 : 20_000 }, () => pool.connect());
    const askedMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));

    const watch = watchStalls();
    const outcomes = await Promise.allSettled(waiting);
    const lateMs = performance.now() - askedMs - TIMEOUT_MS;
    await new Promise((resolve) => setImmediate(resolve));
    const stallMs = watch.stop();
    const { user, system } = process.cpuUsage(cpuBefore);
    const served = outcomes.filter(({ status }) => status === "fulfilled").length;
    if (served > 0) throw new Error(`${served} callers got a connection, where none was free`);
    for (const client of checkedOut) client.release();
    await pool.end();
    return { stallMs, lateMs, cpuMs: (user + system) / 1_000 };
  },
  goals: [
    {
      what: "longest stall of ours",
      wanted: 60,
      better: "less",
      digits: 0,
      unit: " ms",
      of: (round) => round(CONTESTANTS.ours.title)?.stallMs,
    },
  ],
};

function watchStalls(): { stop(): number } {
  let lastMs = performance.now();
  let longestMs = 0;
  const look = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs - 1);
    lastMs = nowMs;
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      clearInterval(timer);
      look();
      return longestMs;
    },
  };
}
