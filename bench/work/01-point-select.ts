import { CONTESTANTS } from "../clients/index.ts";
import { HOMES } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { limit, throughputWork, times } from "../compare/throughput.ts";
import type { RoundOf } from "../compare/work.ts";

const { ours, drizzlePg, drizzlePostgresJs, drizzleClient } = CONTESTANTS;

export const HOME_SCRIPT = `\\set id random(1, ${HOMES})\n${SQL.homeById.replace("$1", ":id")};\n`;

export const pointSelect = throughputWork("pointSelect", {
  id: "1",
  title: "point select, unmodified",
  method: "One row by its primary key, as the query builder's documentation writes it.",
  entries: [limit(HOME_SCRIPT)],
  goals: [
    {
      what: "ours to drizzle(pg.Pool)",
      wanted: 1.3,
      better: "more",
      bound:
        "of the processor time that a statement takes on the client, Drizzle's building and mapping is two fifths and the socket's one write a quarter, and both are everybody's; pool and client together are less than a tenth (`npm run bench -- --profile --only 1`), so that it would stay below 1.3 x if they took none. What names save is on the server, which is not what this machine waits for. Rendering Drizzle's statements in one pass of our own was tried: 33 µs in JavaScript instead of 44, and 1.16 x (1.04 to 2.17) here. That is not worth a second author of a statement's text, so Drizzle writes its own.",
      of: times("perSecond", ours.title, drizzlePg.title),
    },
    {
      what: "ours to the best other Drizzle",
      wanted: 1,
      better: "more",
      bound:
        "postgres.js has several callers' statements under way on one connection and one client needs no pool; we lend a connection to one borrower at a time.",
      of: toBestDrizzle,
    },
  ],
  ahead: {
    "raw pg": "It has no query builder: building the statement and mapping its rows is what Drizzle costs.",
    "raw postgres.js":
      "It has no query builder, and sends statements of several callers on one connection without waiting for answers (pipelining). We lend a connection to one borrower at a time, because that is what keeps sessions, deadlines and tenants apart.",
    "drizzle(postgres.js)":
      "postgres.js sends statements of several callers on one connection without waiting for answers (pipelining); we lend a connection to one borrower at a time.",
    "drizzle(pg.Client)":
      "One connection has no pool to cost anything, and on few cores one backend that always has the next statement in its socket serves as fast as twenty. It stops being so with slow statements, transactions, or a lost connection.",
    "Kysely(pg.Pool)": "Its query builder and its row mapping do less than Drizzle's.",
  },
});

function toBestDrizzle(round: RoundOf): number | undefined {
  const of = ({ title }: { title: string }) => round(title)?.perSecond;
  const mine = of(ours);
  const others = [drizzlePg, drizzlePostgresJs, drizzleClient].map(of).filter((each) => each !== undefined);
  return mine === undefined || others.length === 0 ? undefined : mine / Math.max(...others);
}
