import { CONTESTANTS } from "../clients/index.ts";
import { measureLoad, WARM_OPERATIONS } from "../compare/load.ts";
import { CALLERS, entriesFor, MAX, openOperation, THROUGHPUT, times } from "../compare/throughput.ts";
import type { Work } from "../compare/work.ts";

/** Every fifth key is one that is there. */
const keyOf = (sequence: number) => (sequence % 5 === 4 ? 0 : sequence + 1);

const { ours, drizzlePg } = CONTESTANTS;

export const keyViolations: Work = {
  id: "7",
  title: "inserts of which 20 % violate a key",
  method:
    "One row an insert; every fifth has a key that is taken, and fails. Both kinds count. `backends`: how many the server had to start for the whole of a measurement, warm-up included. A process for each round.",
  better: "more",
  columns: [
    ...THROUGHPUT,
    { key: "failedPercent", title: "failed %", digits: 1 },
    { key: "backends", title: "backends" },
  ],
  ...entriesFor("insertKey"),
  baseline: drizzlePg.title,
  prepareSql: "truncate keyed; insert into keyed values (0, 'taken')",
  mostRounds: 3,
  async measure({ entry, options, url }) {
    const { operation: insert, close } = await openOperation(entry, "insertKey", { url, max: MAX });
    const warmOperations = options.quick ? 0 : WARM_OPERATIONS;
    const load = { callers: CALLERS, ...options, pick: keyOf, mayFail: true, warmOperations };
    const figures = await measureLoad(insert, load);
    await close();
    return figures;
  },
  goals: [
    {
      what: "ours to drizzle(pg.Pool)",
      wanted: 5,
      better: "more",
      of: times("perSecond", ours.title, drizzlePg.title),
    },
    {
      what: `backends of ours, with ${MAX} connections`,
      wanted: MAX,
      better: "less",
      digits: 0,
      unit: "",
      of: (round) => round(ours.title)?.backends,
    },
  ],
  ahead: {
    "raw postgres.js":
      "It has no query builder, keeps its connections after an error as ours does, and pipelines.",
    "drizzle(postgres.js)": "It keeps its connections after an error as ours does, and pipelines.",
    "drizzle(pg.Client)": "One client has no pool that would throw a connection away.",
    "Kysely(pg.Pool)":
      "It holds a client itself and gives it back without the error, so that pg.Pool keeps the connection; its query builder does less than Drizzle's.",
  },
};
