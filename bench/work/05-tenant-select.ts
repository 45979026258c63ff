import { CONTESTANTS } from "../clients/index.ts";
import { NOTES_PER_TENANT, TENANTS } from "../clients/rows.ts";
import { SQL } from "../clients/statements.ts";
import { beginOperation, LIMIT, limit, throughputWork, times } from "../compare/throughput.ts";
import type { Entry, Job, Session } from "../compare/work.ts";

const { ours, drizzlePg } = CONTESTANTS;

export const UNSCOPED = "drizzle(pg.Pool), unscoped";
const OURS_UNSCOPED = "ours, unscoped";
/** Ours, with policies that check a signature instead of believing a setting. */
export const OURS_SIGNED: Entry = { title: "ours, signed tenant", client: "ours", variant: "signed" };

const PICK = `\\set tenant random(1, ${TENANTS})\n\\set id random(1, ${NOTES_PER_TENANT})\n`;
// pgbench has no text functions: the server makes the tenant's id of its number, one expression more than the others have.
const SETTING = SQL.setTenant.replace("$1", "'00000000-0000-4000-8000-' || lpad(:tenant::text, 12, '0')");
const NOTE = SQL.note.replace("$1", ":id");
const TRANSACTION = `${PICK}begin;\n${SETTING};\n${NOTE};\ncommit;\n`;
const ONE_FLIGHT = `${PICK}\\startpipeline\n${SETTING};\n${NOTE};\n\\endpipeline\n`;

export function beginTenantSelect(job: Job): Promise<Session> {
  switch (job.entry.variant) {
    case "unscoped":
      return beginOperation("unscopedSelect", job);
    case "signed":
      return beginOperation("signedSelect", job);
    default:
      return beginOperation("scopedSelect", job);
  }
}

export const tenantSelect = throughputWork("scopedSelect", {
  id: "5",
  title: "tenant-scoped select (row-level security)",
  method:
    "One row of a table with forced row-level security, the tenant set for this statement only. Ours: `scoped({ … }).select()`. The others as is usual with them: a transaction with `set_config(…, true)`; Prisma with its batch transaction; raw postgres.js pipelined in `sql.begin`. `unscoped` reads the same row by tenant and key from a table without policies; `signed tenant` reads it where the policy checks the tenant's signature, as the portals' tables do.",
  entries: [
    { title: UNSCOPED, client: "drizzlePg", variant: "unscoped" },
    { title: OURS_UNSCOPED, client: "ours", variant: "unscoped" },
    OURS_SIGNED,
    limit(TRANSACTION),
    { title: `${LIMIT}, one flight`, pgbench: ONE_FLIGHT },
  ],
  begin: beginTenantSelect,
  goals: [
    {
      what: "ours to the RLS transaction of drizzle(pg.Pool)",
      wanted: 2.3,
      better: "more",
      of: times("perSecond", ours.title, drizzlePg.title),
    },
    {
      what: "ours to drizzle(pg.Pool), unscoped",
      wanted: 1,
      better: "more",
      of: times("perSecond", ours.title, UNSCOPED),
    },
    {
      what: "with a signed tenant to without",
      wanted: 0.92,
      better: "more",
      of: times("perSecond", OURS_SIGNED.title, ours.title),
    },
  ],
  ahead: {
    [UNSCOPED]: "It does less: it sets no tenant, and no policy is checked.",
    [OURS_UNSCOPED]: "It does less: it sets no tenant, and no policy is checked.",
  },
});
