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
        "both execute a named statement, so that the server does the same, and half of the client's processor time or more is the socket's write (`npm run bench -- --profile --only 2`). Ours leaves out Describe and writes once: some 9 µs in JavaScript where theirs takes 13, which is what the difference is made of, and as much as the spread.",
      of: times("perSecond", CONTESTANTS.ours.title, CONTESTANTS.drizzlePg.title),
    },
  ],
  ahead: { "raw pg": "It maps no rows." },
});
