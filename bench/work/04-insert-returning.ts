import { HOMES } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { limit, throughputWork } from "../compare/throughput.ts";

const SCRIPT = `\\set home random(1, ${HOMES})\n${SQL.visit.replace("$1", ":home").replace("$2", "'rang twice'")};\n`;

export const insertReturning = throughputWork("insert", {
  id: "4",
  title: "insert returning",
  method: "One row, with all its columns back. The table is emptied before each measurement.",
  entries: [limit(SCRIPT)],
  prepareSql: "truncate visits",
  mostRounds: 3,
  ahead: {
    "drizzle(pg.Client)": "One connection takes no locks against others, and has no pool to cost anything.",
  },
});
