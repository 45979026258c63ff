import { HOMES, PAGE } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { limit, throughputWork } from "../compare/throughput.ts";

const SCRIPT = `\\set first random(1, ${HOMES - PAGE})\n\\set last :first + ${PAGE - 1}\n${SQL.page.replace("$1", ":first").replace("$2", ":last")};\n`;

export const relationalQuery = throughputWork("nested", {
  id: "3",
  title: "relational query, nested rows",
  method:
    "Ten homes, each with its three residents: `findMany({ with })` of Drizzle, `include` of Prisma (which makes two statements of it), `jsonArrayFrom` of Kysely, one statement with `json_agg` for the raw clients.",
  entries: [limit(SCRIPT)],
  mostRounds: 3,
  ahead: {
    "raw pg": "Most of the time goes into Drizzle's building and mapping of a relational query.",
    "raw postgres.js": "Most of the time goes into Drizzle's building and mapping of a relational query.",
    "Kysely(pg.Pool)": "Its statement is shorter, and it maps no rows: dates inside the JSON stay text.",
    "Prisma 7 (adapter-pg)": "It reads two plain statements where Drizzle has the server make JSON.",
    "drizzle(postgres.js)": "postgres.js prepares nothing for Drizzle here, but pipelines.",
    "drizzle(pg.Client)": "The work is Drizzle's and the server's; a pool can only add to it.",
  },
});
