import { CONTESTANTS, type ContestantName } from "../clients/index.ts";
import { entriesFor, throughputWork, times } from "../compare/throughput.ts";
import type { Goal, Work } from "../compare/work.ts";
import { beginTenantSelect, OURS_SIGNED, UNSCOPED } from "./05-tenant-select.ts";

const NAMES: readonly ContestantName[] = [
  "ours",
  "drizzlePg",
  "drizzlePostgresJs",
  "kysely",
  "prisma",
  "rawPostgresJs",
];
const { ours, drizzlePg } = CONTESTANTS;

const toTransaction: Goal = {
  what: "ours to the RLS transaction of drizzle(pg.Pool)",
  wanted: 3.5,
  better: "more",
  of: times("perSecond", ours.title, drizzlePg.title),
};

/** One for each delay, in milliseconds. */
export const tenantSelectFar: readonly Work[] = [1, 5].map((delayMs) => {
  const { entries, leftOut } = entriesFor("scopedSelect", NAMES);
  const unscoped = { title: UNSCOPED, client: "drizzlePg", variant: "unscoped" } as const;
  return {
    ...throughputWork("scopedSelect", {
      id: `5b-${delayMs}`,
      title: `tenant-scoped select, ${delayMs} ms from the server`,
      method: `(5) through a proxy that holds everything back by ${delayMs} ms in each direction, which makes a round trip ${2 * delayMs} ms long; timers are exact to a millisecond. The proxy runs in the bench's own process.`,
      begin: beginTenantSelect,
      mostRounds: 3,
      goals: delayMs === 5 ? [toTransaction] : [],
      ahead: {
        "raw postgres.js": "It pipelines, so that a connection has several callers' statements under way.",
        [UNSCOPED]: "One round trip as well, with less work on the server.",
      },
    }),
    entries: [...entries, unscoped, OURS_SIGNED].map((entry) => ({ ...entry, delayMs })),
    leftOut,
  };
});
