import type pg from "pg";
import { UnsafeRoleError } from "../errors/errors.ts";
import type { Client } from "../query/client.ts";

/** What a connection is, beside what was asked for. */
export interface CheckedConnection {
  /** The backend is another one than the connection was told of: a pooler stands in between. */
  readonly behindPooler: boolean;
}

/**
 * Makes a pool's `check` that refuses a role that row-level security does not bind, or need not: see
 * {@link assertRoleIsBound}.
 *
 * @param advice the way out in the application's own terms, for the end of the message.
 */
export function onlyBoundRoles(advice?: string): (client: pg.ClientBase) => Promise<unknown> {
  return (client) => assertRoleIsBound(client, advice);
}

/**
 * Looks at the role that a connection acts as, and at the one it signed in as. Superusers and BYPASSRLS skip every policy,
 * silently; CREATEROLE leads to other roles; whoever owns a table with policies turns them off; and a member of any of
 * these becomes one by SET ROLE, or by set_config('role', …) within a SELECT.
 *
 * @throws {UnsafeRoleError} with what would be right.
 */
export async function assertRoleIsBound(
  client: pg.ClientBase,
  advice = "connect as an ordinary role that owns no table, as `create role … login` makes it",
): Promise<CheckedConnection> {
  const { rows } = await client.query<{ pid: number; danger: Danger | null }>(
    `select pg_catalog.pg_backend_pid() as pid, ${dangerOf("array[session_user, current_user]")} as danger`,
  );
  const [found] = rows;
  const behindPooler = found !== undefined && isBehindPooler(client, found.pid);
  if (found !== undefined && found.danger !== null)
    throw new UnsafeRoleError(`the role ${describe(found.danger)}; ${advice}`);
  return { behindPooler };
}

/** Has a client of ours, whose class may be that of another copy of this package, note what was found. */
function isBehindPooler(
  client: pg.ClientBase & Partial<Pick<Client, "noteBackendPid">>,
  pid: number,
): boolean {
  return client.noteBackendPid?.(pid) ?? ("processID" in client && pid !== client.processID);
}

/**
 * Why row-level security does not bind a role of this server, or need not: a sentence that begins with the role's name.
 * Null where it does.
 */
export async function whyUnbound(client: pg.ClientBase, role: string): Promise<string | null> {
  const { rows } = await client.query<{ danger: Danger | null }>(
    `select ${dangerOf("array[$1::pg_catalog.name]")} as danger`,
    [role],
  );
  const danger = rows[0]?.danger ?? null;
  return danger && describe(danger);
}

interface Danger {
  role: string;
  /** The role that is dangerous: `role` itself, or one that it is a member of. */
  via: string;
  kind: "superuser" | "bypassrls" | "createrole" | "owner";
  /** Of an owner. */
  table: string | null;
}

const UNBOUND = "row-level security would not hold, and every tenant would see every other's rows";

function describe({ role, via, kind, table }: Danger): string {
  const what = {
    superuser: `is a superuser: ${UNBOUND}`,
    bypassrls: `is allowed BYPASSRLS: ${UNBOUND}`,
    createrole: "is allowed CREATEROLE: it can make itself a member of roles that see every tenant's rows",
    owner: `owns the table ${table}: it can turn row-level security off, and see every tenant's rows`,
  }[kind];
  return role === via ? `${role} ${what}` : `${role} is a member of ${via}, which ${what}`;
}

/** @param roles SQL: an array of names. Of what is wrong with them one thing, what they are themselves first. */
const dangerOf = (roles: string) => `(
  select pg_catalog.json_build_object('role', role, 'via', via, 'kind', kind, 'table', owned)
    from pg_catalog.unnest(${roles}) as role
   cross join lateral (
     select rolname, case when rolsuper then 'superuser' when rolbypassrls then 'bypassrls' else 'createrole' end, null
       from pg_catalog.pg_roles
      where (rolsuper or rolbypassrls or rolcreaterole) and pg_catalog.pg_has_role(role, oid, 'member')
     union all
     select pg_catalog.pg_get_userbyid(relowner), 'owner', oid::pg_catalog.regclass::pg_catalog.text
       from pg_catalog.pg_class
      where oid operator(pg_catalog.=) any (select polrelid from pg_catalog.pg_policy)
        and pg_catalog.pg_has_role(role, relowner, 'member')
   ) as danger (via, kind, owned)
   order by role operator(pg_catalog.=) via desc
   limit 1)`;
