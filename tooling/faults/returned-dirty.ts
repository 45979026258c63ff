import type { BenchContext } from "./context.ts";
import { backendPid } from "./observe.ts";
import { withSubject } from "./subject.ts";

/** What a holder does to its session, and what whoever comes next is to find. */
export const DIRT: readonly [what: string, dirty: string, look: string, clean: unknown][] = [
  [
    "a transaction",
    "begin; select pg_current_xact_id()",
    "select pg_current_xact_id_if_assigned()::text as it",
    null,
  ],
  ["SET", "set statement_timeout = 4321", "select current_setting('statement_timeout') as it", "0"],
  [
    "search_path",
    "set search_path to nowhere",
    "select current_setting('search_path') as it",
    '"$user", public',
  ],
  [
    "a tenant",
    "select set_config('app.tenant_id', 'acme', false)",
    "select nullif(current_setting('app.tenant_id', true), '') as it",
    null,
  ],
  ["a role", "set role pg_monitor", "select current_user = session_user as it", true],
  [
    "session authorization",
    "set session authorization pg_monitor",
    "select session_user <> 'pg_monitor' as it",
    true,
  ],
  ["LISTEN", "listen news", "select count(*)::int as it from pg_listening_channels()", 0],
  [
    "an advisory lock",
    "select pg_advisory_lock(42)",
    "select count(*)::int as it from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
    0,
  ],
  [
    "a temporary table",
    "create temp table scratch (id int)",
    "select to_regclass('scratch')::text as it",
    null,
  ],
  [
    "a cursor",
    "begin; declare forgotten cursor with hold for select 1; commit",
    "select count(*)::int as it from pg_cursors",
    0,
  ],
];

/** What the next user of a connection finds, and whether it is the same connection. */
export function returnedDirty(context: BenchContext, [, dirty, look]: (typeof DIRT)[number]) {
  return withSubject(context, { max: 1 }, async ({ pool }) => {
    const client = await pool.connect();
    const pid = await backendPid(client);
    await client.query(dirty);
    client.release();
    const found: unknown = (await pool.query(look)).rows[0].it;
    return { found, sameBackend: (await backendPid(pool)) === pid };
  });
}

/** Everything, one after the other. */
export async function statesInherited(context: BenchContext) {
  let inherited = 0;
  for (const dirt of DIRT) if ((await returnedDirty(context, dirt)).found !== dirt[3]) inherited++;
  return { nextInherits: `${inherited} of ${DIRT.length} states` };
}
