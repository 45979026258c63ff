import { CONTESTANTS } from "../clients/index.ts";
import { NOTES_PER_TENANT, TENANTS } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { beginOperation, limit, throughputWork, times } from "../compare/throughput.ts";
import type { Work } from "../compare/work.ts";
import { OURS_SIGNED } from "./05-tenant-select.ts";

const SCRIPT = `\\set tenant random(1, ${TENANTS})
\\set id random(1, ${NOTES_PER_TENANT})
\\set last :id + 9
begin;
${SQL.setTenant.replace("$1", "'00000000-0000-4000-8000-' || lpad(:tenant::text, 12, '0')")};
${SQL.note.replace("$1", ":id")};
${SQL.touchNote.replace("$1", ":id")};
${SQL.tenantVisit.replace("$1", "'rang twice'")};
${SQL.countNotes.replace("$1", ":id").replace("$2", ":last")};
commit;
`;

export const tenantTransaction = throughputWork("tenantTransaction", {
  id: "6",
  title: "tenant transaction of four statements",
  method:
    "Select, update, insert returning and count as one tenant, in one transaction; the tenant is set in it. Per second: transactions. Raw postgres.js sends all of it in one pipeline, as its documentation shows for statements that do not depend on each other; the others wait for each answer, as code that looks at it must.",
  entries: [limit(SCRIPT), OURS_SIGNED],
  begin: (job) =>
    beginOperation(job.entry.variant === "signed" ? "signedTransaction" : "tenantTransaction", job),
  prepareSql: "truncate tenant_visits, signed_visits",
  goals: [
    {
      what: "ours to drizzle(pg.Pool)",
      wanted: 1.3,
      better: "more",
      bound:
        "six round trips instead of seven, as the tenant travels with BEGIN; the four statements are built by Drizzle and wait for each other in either.",
      of: times("perSecond", CONTESTANTS.ours.title, CONTESTANTS.drizzlePg.title),
    },
  ],
  ahead: {
    "raw postgres.js":
      "It has no query builder, and its four statements go out without waiting for an answer.",
    "drizzle(postgres.js)": "Its driver prepares and parses faster.",
  },
});

const DELAY_MS = 5;

/** The same where round trips are what it costs. */
export const tenantTransactionFar: Work = {
  ...tenantTransaction,
  id: `6-${DELAY_MS}`,
  title: `tenant transaction of four statements, ${DELAY_MS} ms from the server`,
  method: `(6) through a proxy that holds everything back by ${DELAY_MS} ms in each direction; it runs in the bench's own process, which measures nothing meanwhile.`,
  mostRounds: 3,
  entries: tenantTransaction.entries
    .filter(({ pgbench }) => pgbench === undefined)
    .map((entry) => ({ ...entry, delayMs: DELAY_MS })),
};
