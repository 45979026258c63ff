import { type Kind, type Lab, settled, withStack } from "./lab.ts";

export const fault = "a connection comes back dirty";

const DIRT = [
  "set search_path to pg_catalog",
  "create temporary table left_over (id int)",
  "listen news",
  "select pg_advisory_lock(5)",
  "set app.tenant_id to 'somebody'",
  "begin",
];
const LOOK = `select (current_setting('search_path') = 'pg_catalog')::int + (to_regclass('pg_temp.left_over') is not null)::int
  + (select count(*)::int from pg_listening_channels()) + (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
  + (coalesce(current_setting('app.tenant_id', true), '') <> '')::int + (now() <> statement_timestamp())::int as n`;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = { max: 1, connectionTimeoutMillis: 2_000 };
  return withStack({ kind, lab, options }, async ({ pool }) => {
    const client = await pool.connect();
    for (const statement of DIRT) await client.query(statement);
    client.release();
    const next = await settled(pool.query<{ n: number }>(LOOK), 2_000);
    const left = next.how === "done" ? next.value.rows[0]?.n : next.how;
    return `next borrower inherits ${left} of ${DIRT.length} states`;
  });
}
