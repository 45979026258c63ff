import { CONTESTANTS } from "../clients/index.ts";
import { limit, throughputWork, times } from "../compare/throughput.ts";
import { HOME_SCRIPT } from "./01-point-select.ts";

export const preparedSelect = throughputWork("preparedSelect", {
  id: "2",
  title: "point select, prepared",
  method:
    "The same row through `.prepare(name)` of Drizzle, which builds the statement once and names it; raw pg with a `name`.",
  entries: [limit(HOME_SCRIPT)],
  goals: [
    {
      what: "ours to drizzle(pg.Pool)",
      wanted: 1.1,
      better: "more",
      bound:
        "both execute a named statement, so that the server does the same; ours leaves out Describe and writes once, which is what the difference is made of, and as much as the spread.",
      of: times("perSecond", CONTESTANTS.ours.title, CONTESTANTS.drizzlePg.title),
    },
  ],
  ahead: {
    "raw pg": "It maps no rows.",
    "drizzle(pg.Client)":
      "One connection has no pool to cost anything, and its backend always has the next statement in its socket.",
    "drizzle(postgres.js)":
      "postgres.js sends statements of several callers on one connection without waiting for answers (pipelining).",
  },
});
