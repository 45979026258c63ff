import { Client, HealthProbe } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { createHealthHandlers } from "@openhouse/pool/http";
import { drizzle } from "drizzle-orm/node-postgres";
import { connectionOf, openPgPool } from "../clients/connection.ts";
import { drizzleOperations } from "../clients/drizzle-operations.ts";
import { openPool } from "../clients/ours.ts";
import * as schema from "../clients/tables.ts";
import { alternate } from "../compare/alternate.ts";
import { median } from "../compare/figures.ts";
import { warmUp } from "../compare/load.ts";
import { CALLERS, MAX } from "../compare/throughput.ts";
import type { Job, Work } from "../compare/work.ts";

const PROBES_PER_SECOND = 1_000;
const OURS = "ours, healthCheck";
const OURS_ROUTE = "ours, route (Request to Response)";
const USUAL = "drizzle(pg.Pool), select 1";

export const healthProbes: Work = {
  id: "12",
  title: "health probes at 1,000 a second beside load",
  method:
    "Point selects by 100 callers, in short windows with and without 1,000 probes a second in the same process, in turns; the timer that asks for them runs in both. What the probes cost: the median of how much less the load did in the window with them than in its neighbour without. `select 1` through the pool is how health routes are usually written. The route makes a `Request` and a `Response` for each probe, whose cost is Node's; HTTP itself is not in it.",
  better: "less",
  columns: [
    { key: "costPercent", title: "cost %", digits: 2 },
    { key: "perSecond", title: "load alone, per second" },
    { key: "probesPerSecond", title: "probes per second" },
  ],
  entries: [{ title: OURS }, { title: OURS_ROUTE }, { title: USUAL }],
  baseline: USUAL,
  mostRounds: 3,
  async measure(job) {
    const { operations, probe, end } = open(job);
    await warmUp(operations.pointSelect, CALLERS, job.options);
    const { pairs, probesPerSecond } = await alternate({
      operation: operations.pointSelect,
      beside: probe,
      timesPerSecond: PROBES_PER_SECOND,
      warmUpMs: job.options.warmUpMs,
      windowMs: 150,
      pairs: job.options.quick ? 4 : 24,
    });
    await end();
    return {
      costPercent: median(pairs.map(({ alone, beside }) => 100 * (1 - beside / alone))),
      perSecond: median(pairs.map(({ alone }) => alone)),
      probesPerSecond,
    };
  },
  goals: [
    {
      what: "what probes cost the load, ours",
      wanted: 2,
      better: "less",
      digits: 1,
      unit: " %",
      bound:
        "a probe whose answer is kept takes a fifth of a microsecond, and one in two thousand asks the database: together a few hundredths of a percent. What is measured beyond is how much the load itself differs from one window to the next.",
      of: (round) => round(OURS)?.costPercent,
    },
  ],
};

function open({ entry, url }: Job) {
  if (entry.title === USUAL) {
    const pool = openPgPool({ url, max: MAX, crowd: true });
    return {
      operations: drizzleOperations(drizzle(pool, { schema })),
      probe: () => pool.query("select 1"),
      end: () => pool.end(),
    };
  }
  const pool = openPool({ url, max: MAX });
  const health = new HealthProbe(() => new Client(connectionOf(url)));
  const check = () => health.check(pool.getStats(), false);
  const handlers = createHealthHandlers({ check });
  const askRoute = () => handlers.db(new Request("http://localhost/api/health/db"));
  return {
    operations: drizzleOperations(drizzleOverPool(() => pool, schema).db),
    probe: entry.title === OURS_ROUTE ? askRoute : check,
    end: async () => {
      await health.close();
      await pool.end();
    },
  };
}
