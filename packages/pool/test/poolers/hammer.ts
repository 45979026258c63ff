import type pg from "pg";
import type { Pool } from "../../src/pool.ts";

/** What came of statements that two tenants and strangers sent at once through a pooler. */
export interface HammerReport {
  statements: number;
  /** Rows of another tenant, or of any where no tenant was said. */
  foreignRows: number;
  /** Statements of a tenant that saw less than all of its rows. */
  missed: number;
  /** What was refused with SESSION_REQUIRED. */
  refused: number;
}

const TENANTS = ["acme", "globex"];
const ROWS_EACH = 3;

/** @param role is to be able to sign in. */
export function hammerSchema(role: string): string {
  return `
    create table owned (tenant text not null, id int);
    insert into owned select tenant, id from unnest(array['${TENANTS.join("','")}']) tenant, generate_series(1, ${ROWS_EACH}) id;
    alter table owned enable row level security;
    create policy of_tenant on owned using (tenant = current_setting('app.tenant_id', true));
    create role ${role} login password '${role}';
    grant select on owned to ${role}`;
}

/** What raw clients send: settings that would stay, settings that end with their transaction, and statements without any. */
export async function hammer(
  pools: readonly Pool[],
  { callers, statements }: { callers: number; statements: number },
): Promise<HammerReport> {
  const report: HammerReport = { statements: 0, foreignRows: 0, missed: 0, refused: 0 };
  const read = async (client: pg.PoolClient | Pool, tenant: string | undefined) => {
    const { rows } = await client.query<{ tenant: string }>("select tenant from owned");
    report.statements++;
    report.foreignRows += rows.filter((row) => row.tenant !== tenant).length;
    if (tenant !== undefined && rows.length < ROWS_EACH) report.missed++;
  };
  const call = async (caller: number) => {
    const pool = pools[caller % pools.length] as Pool;
    const tenant = TENANTS[caller % TENANTS.length] as string;
    const kind = caller % 3;
    if (kind === 0) return await read(pool, undefined);
    const client = await pool.connect();
    try {
      if (kind === 1) {
        await client.query("select set_config('app.tenant_id', $1, false)", [tenant]).catch((error) => {
          if (error.code !== "SESSION_REQUIRED") throw error;
          report.refused++;
        });
        report.statements++;
      }
      await client.query("begin");
      await client.query("select set_config('app.tenant_id', $1, true)", [tenant]);
      await read(client, tenant);
      await client.query("commit");
      report.statements += 3;
    } finally {
      client.release();
    }
  };
  const work = async (caller: number) => {
    while (report.statements < statements) await call(caller);
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  return report;
}
