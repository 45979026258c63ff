import { CONTESTANTS } from "../clients/index.ts";
import { HOMES } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { limit, throughputWork, times } from "../compare/throughput.ts";
import type { Goal } from "../compare/work.ts";

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
        "postgres.js has several callers' statements under way on one connection and one client needs no pool; ours is checked out by one caller at a time.",
      of: toBestDrizzle,
    },
  ],
});

function toBestDrizzle(round: Parameters<Goal["of"]>[0]): number | undefined {
  const of = ({ title }: { title: string }) => round(title)?.perSecond;
  const mine = of(ours);
  const others = [drizzlePg, drizzlePostgresJs, drizzleClient].map(of).filter((each) => each !== undefined);
  return mine === undefined || others.length === 0 ? undefined : mine / Math.max(...others);
}
