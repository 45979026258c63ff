import { sql } from "drizzle-orm";
import { db, forTenant, withClient } from "../../src/client.ts";
import type { Around, Turn } from "./callers.ts";

interface Rows {
  readonly rows?: readonly unknown[] | undefined;
}

/** Of one or of several statements' rows those that are somebody's. */
function rowsOf(result: Rows | readonly Rows[]): { tenantId: string }[] {
  const results = Array.isArray(result) ? result : [result];
  return results.flatMap(({ rows = [] }: Rows) => rows).filter(isSomebodys);
}

function isSomebodys(row: unknown): row is { tenantId: string } {
  return typeof row === "object" && row !== null && "tenantId" in row;
}

const COLUMNS = `tenant_id as "tenantId", id, name`;

/** What somebody does who has got SQL of their own into a tenant's statement, or into one without a tenant. */
async function inject(tenantId: string, around: Around, text: string): Promise<void> {
  const { ledger, random } = around;
  const path = random.below(4);
  if (path === 0) {
    ledger.see(tenantId, rowsOf(await forTenant(tenantId).execute(sql.raw(text))), `hostile: ${text}`);
  } else if (path === 1) {
    await forTenant(tenantId).transaction(async (tx) => {
      ledger.see(tenantId, rowsOf(await tx.execute(sql.raw(text))), `hostile transaction: ${text}`);
    });
  } else if (path === 2) {
    ledger.see(null, rowsOf(await db.execute(sql.raw(text))), `hostile without a tenant: ${text}`);
  } else {
    await withClient(async (client) => {
      ledger.see(null, rowsOf(await client.query(text)), `hostile raw client: ${text}`);
    });
  }
}

/** What would be left behind, or lead to others' rows, by name; `victim` is another tenant. */
const STATEMENTS: Record<string, (victim: string) => string> = {
  "temporary table": () => "create temp table if not exists report as select * from developments",
  "reading the temporary table": () => `select ${COLUMNS} from report`,
  "temporary table in the way": () => "select * into temp developments from public.developments",
  "holdable cursor": () =>
    `declare loot cursor with hold for select ${COLUMNS} from developments order by id limit 20`,
  "reading the cursor": () => "fetch 5 from loot",
  "prepared statement": () => `prepare loot as select ${COLUMNS} from developments limit 20`,
  "running the prepared statement": () => "execute loot",
  "tenant by SET": (victim) => `set app.tenant = '${victim}'`,
  "tenant by a function": (victim) => `select set_config('app.tenant', '${victim}', false)`,
  "tenant by an escaped name": (victim) => `select U&"set\\005fconfig"('app.tenant', '${victim}', false)`,
  "own tenant, for the rest of the session": () =>
    "select set_config('app.tenant', current_setting('app.tenant', true), false)",
  "own tenant, within a change of rows": () =>
    "update developments set stage = stage where set_config('app.tenant', current_setting('app.tenant', true), false) is null",
  "tenant among several statements": (victim) =>
    `select 1; set app.tenant = '${victim}'; listen loot; select 1`,
  "tenant within a block": (victim) =>
    `do $$ begin perform set_config('app.tenant', '${victim}', false); end $$`,
  "tenant within a union": (victim) => `select ${COLUMNS} from developments union all
    select '${victim}'::uuid, null, null where set_config('app.tenant', '${victim}', true) is null
    union all select ${COLUMNS} from developments`,
  "tenant within a common table expression": (victim) =>
    `with thief as materialized (select set_config('app.tenant', '${victim}', true) as it)
     select d.tenant_id as "tenantId", d.id, d.name from thief, developments d`,
  "search path": () => "set search_path to pg_temp, public",
  role: () => "set role none",
  "advisory lock": () => "select pg_advisory_lock_shared(7)",
  "row security": () => "set row_security = off",
};

/** What those do who mean harm. Errors are welcome; rows of others, or to others, are not. */
export const HOSTILE_TURNS: Record<string, Turn> = Object.fromEntries(
  Object.entries(STATEMENTS).map(([name, textFor]): [string, Turn] => [
    `hostile: ${name}`,
    (tenantId, around) => {
      const victim = around.random.of(around.tenantIds.filter((id) => id !== tenantId));
      return inject(tenantId, around, textFor(victim));
    },
  ]),
);
