import { CONTESTANTS } from "../clients/index.ts";
import { percentile } from "../compare/figures.ts";
import { warmUp } from "../compare/load.ts";
import { entriesFor, MAX, openOperation, times } from "../compare/throughput.ts";
import type { Entry, RunOptions, Work } from "../compare/work.ts";

const CLUMP = 40;

const { ours, drizzlePg } = CONTESTANTS;
const { entries, leftOut } = entriesFor("pointSelect", [
  "ours",
  "drizzlePg",
  "drizzlePostgresJs",
  "kysely",
  "prisma",
  "rawPostgresJs",
]);

export const growth: Work = {
  id: "8",
  title: "growth: a clump of requests on two warm connections",
  method: `${CLUMP} point selects at once on a client with two warm connections of ${MAX}, where the server takes 100 ms to sign a new one in (a login trigger sleeps). Each clump has a client of its own. Latencies of all clumps of a round together. Backends: of the whole measurement, in which the run-up that compiles the code takes ${MAX}.`,
  better: "less",
  columns: [
    { key: "p99Ms", title: "p99 ms", digits: 1 },
    { key: "p50Ms", title: "p50 ms", digits: 1 },
    { key: "allMs", title: "whole clump ms", digits: 1 },
    { key: "backends", title: "backends" },
  ],
  entries,
  leftOut: [
    ...leftOut,
    { title: CONTESTANTS.drizzleClient.title, reason: "it has one connection and cannot grow" },
    { title: CONTESTANTS.rawPg.title, reason: "its pool is that of drizzle(pg.Pool)" },
  ],
  baseline: drizzlePg.title,
  mostRounds: 3,
  async measure({ entry, options, url, slowSignInUrl }) {
    await compileFirst(entry, options, url);
    const latenciesMs: number[] = [];
    let allMs = 0;
    const clumps = options.quick ? 2 : 5;
    for (let clump = 0; clump < clumps; clump++) {
      const slowly = { url: slowSignInUrl, max: MAX };
      const { operation: select, close } = await openOperation(entry, "pointSelect", slowly);
      await Promise.all([select(1), select(2)]);
      await select(3); // whatever two callers have left to do is done
      const beganMs = performance.now();
      const one = async (n: number) => {
        await select(n);
        latenciesMs.push(performance.now() - beganMs);
      };
      await Promise.all(Array.from({ length: CLUMP }, (_, n) => one(n)));
      allMs += performance.now() - beganMs;
      await close();
    }
    latenciesMs.sort((one, other) => one - other);
    return {
      p99Ms: percentile(latenciesMs, 0.99),
      p50Ms: percentile(latenciesMs, 0.5),
      allMs: allMs / clumps,
    };
  },
  goals: [
    {
      what: "p99 of drizzle(pg.Pool) to ours",
      wanted: 10,
      better: "more",
      bound:
        "opening a connection takes some milliseconds of processor on either side (a backend, SCRAM), on the cores that serve the clump: those opened for it come too late, and slow down the two that are there.",
      of: times("p99Ms", drizzlePg.title, ours.title),
    },
  ],
  ahead: {
    "drizzle(postgres.js)": "It pipelines the whole clump into the connections that are there.",
    "raw postgres.js": "It pipelines the whole clump into the connections that are there.",
  },
};

/** The clumps are to show how a pool grows, not how V8 warms up. */
async function compileFirst(entry: Entry, options: RunOptions, url: string): Promise<void> {
  const { operation, close } = await openOperation(entry, "pointSelect", { url, max: MAX });
  await warmUp(operation, CLUMP, options);
  await close();
}
