import type { Client } from "../../src/query/client.ts";

/** Settings that pg_settings does not show, as no module has declared them. */
const PLACEHOLDERS = [
  "app.tenant_id",
  "a.b",
  "x.y",
  "local.tenant_id",
  "transaction.tenant_id",
  "constraints.tenant_id",
];

const STATE = `
  select session_user, current_user,
         (select jsonb_object_agg(name, setting order by name) from pg_settings
           where source = 'session' and name not like 'transaction\\_%') as settings,
         (select jsonb_agg(nullif(current_setting(name, true), '')) from unnest($1::text[]) name) as placeholders,
         (select jsonb_agg(name order by name) from pg_prepared_statements) as prepared,
         (select jsonb_agg(name order by name) from pg_cursors where is_holdable) as cursors,
         (select jsonb_agg(c order by c) from pg_listening_channels() c) as channels,
         (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
         (select count(*)::int from pg_class where relpersistence = 't' and relnamespace = pg_my_temp_schema()) as tables`;

/** What a session has that its next user would find. */
export async function sessionState(client: Client): Promise<Record<string, unknown>> {
  const { rows } = await client.query(STATE, [PLACEHOLDERS]);
  return rows[0];
}
