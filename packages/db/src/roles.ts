import { UnsafeRoleError } from "@openhouse/pool";
import { whyUnbound } from "@openhouse/pool/tenants";
import pg from "pg";
import { expectOne } from "./expect-one.ts";
import { FUNCTION_GRANTS, FUNCTIONS_OF_NOBODY, ROLE_SETTINGS, TABLE_GRANTS } from "./grants.ts";
import { scramVerifier } from "./scram.ts";
import { hideValues } from "./value-statistics.ts";

/** Whose operator is meant, as whoever could create in the schema `public` may have left one of the same name there. */
const EQ = "operator(pg_catalog.=)";

/** What to do about a role that the portals must not serve as. */
export const ROLE_ADVICE =
  "let DATABASE_URL name an ordinary role, such as openhouse_app, put the one that owns the tables into " +
  "DATABASE_URL_OWNER, and run `npm run db:migrate`: it makes the role and grants what it needs";

export interface AppRole {
  name: string;
  /** Used where the role has to be made; a role that exists keeps its own. */
  password?: string | undefined;
}

/**
 * Makes the role the portals use, where it is missing: it may log in, and nothing else.
 * Safe to repeat, and to run for several databases of one server at once.
 *
 * @throws {UnsafeRoleError} the role exists and row-level security does not bind it, or it is a member of the owner.
 * @throws {RoleBootstrapError} the role is missing and the owner may not make it.
 */
export async function ensureAppRole(owner: pg.Client, role: AppRole): Promise<"made" | "found"> {
  if (await findRole(owner, role.name)) return "found";
  const password = role.password
    ? ` password ${pg.escapeLiteral(scramVerifier(role.password, await scramIterations(owner)))}`
    : "";
  try {
    await owner.query(
      `create role ${pg.escapeIdentifier(role.name)} login${password} nosuperuser nobypassrls nocreatedb nocreaterole noreplication`,
    );
    return "made";
  } catch (error) {
    const { code, message } = error instanceof pg.DatabaseError ? error : {};
    // Roles belong to the server, so no lock in this database keeps another one from making the same role now.
    const madeByAnother = code === "42710" || code === "23505";
    if (madeByAnother && (await findRole(owner, role.name))) return "found";
    if (code === undefined) throw error;
    throw new RoleBootstrapError(role.name, code, message ?? "");
  }
}

/** What the server would take for a password of its own making; the default where it has no such setting, before Postgres 16. */
async function scramIterations(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ set: string | null }>(
    "select pg_catalog.current_setting('scram_iterations', true) as set",
  );
  return Number(rows[0]?.set ?? 4096);
}

/**
 * Lets the role do what the portals do with what is there now, and takes from it what Postgres gives to everybody. Run
 * after each migration; safe to repeat.
 *
 * @returns what could not be taken away or set, which is another one's to do than an owner who is no superuser.
 */
export async function grantToApp(owner: pg.Client, role: string): Promise<string[]> {
  await owner.query(await grantsOf(owner, role));
  return [
    ...(await closeDatabase(owner, role)),
    ...(await takeFunctions(owner, role)),
    ...(await setLimits(owner, role)),
    ...(await hideValues(owner)),
  ];
}

/** One text, and so one transaction: portals that are serving meanwhile miss nothing. */
async function grantsOf(owner: pg.Client, role: string): Promise<string> {
  const { rows } = await owner.query<{ own: string[]; tables: string[]; functions: string[] }>(
    `select array(select relname::pg_catalog.text from pg_catalog.pg_class
                   where relnamespace ${EQ} 'public'::pg_catalog.regnamespace and relkind ${EQ} any ('{r,p,v,m,f,S}')
                     and pg_catalog.pg_has_role(relowner, 'usage')) as own,
            array(select relname::pg_catalog.text from pg_catalog.pg_class
                   where relnamespace ${EQ} 'public'::pg_catalog.regnamespace and relname ${EQ} any ($1)) as tables,
            array(select signature from pg_catalog.unnest($2::pg_catalog.text[]) as signature
                   where pg_catalog.to_regprocedure(pg_catalog.concat('public.', signature)) is not null) as functions`,
    [Object.keys(TABLE_GRANTS), FUNCTION_GRANTS],
  );
  const { own, tables, functions } = expectOne(rows);
  const to = pg.escapeIdentifier(role);
  return [
    "revoke create on schema public from public",
    `grant usage on schema public to ${to}`,
    // Not those of others, such as an extension's, which are not ours to grant either.
    ...own.map((relation) => `revoke all on public.${pg.escapeIdentifier(relation)} from ${to}`),
    ...tables.flatMap((table) =>
      (TABLE_GRANTS[table] ?? []).map((privilege) => `grant ${privilege} on public.${table} to ${to}`),
    ),
    ...functions.map((signature) => `grant execute on function public.${signature} to ${to}`),
  ].join(";\n");
}

/** Leaves the database to its owner and to the role: others are let in by name. */
async function closeDatabase(owner: pg.Client, role: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string; owner: string }>(
    `select pg_catalog.current_database() as name, pg_catalog.pg_get_userbyid(datdba) as owner
       from pg_catalog.pg_database where datname ${EQ} pg_catalog.current_database()`,
  );
  const here = expectOne(rows);
  const database = pg.escapeIdentifier(here.name);
  await attempt(
    owner,
    `grant connect, temporary on database ${database} to ${pg.escapeIdentifier(here.owner)};
     grant connect on database ${database} to current_user, ${pg.escapeIdentifier(role)};
     revoke connect, temporary on database ${database} from public`,
  );
  const { rows: left } = await owner.query<{ power: string }>(
    `select power from (values ('connecting to this database as any role', 'connect', 'public'),
                               ('temporary tables, which hide others', 'temporary', $1)) as powers (power, privilege, who)
      where pg_catalog.has_database_privilege(who, pg_catalog.current_database(), privilege)`,
    [role],
  );
  return left.map(({ power }) => power);
}

/** Each by its signature, as this server has it. Whoever owns the database goes on having them: migrations take a lock. */
async function takeFunctions(owner: pg.Client, role: string): Promise<string[]> {
  const left: string[] = [];
  for (const [power, names] of Object.entries(FUNCTIONS_OF_NOBODY)) {
    const allowed = (who: string) =>
      owner.query<{ signature: string; owner: string }>(
        `select pg_catalog.format('pg_catalog.%I(%s)', proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as signature,
                pg_catalog.pg_get_userbyid(datdba) as owner
           from pg_catalog.pg_proc p, pg_catalog.pg_database
          where datname ${EQ} pg_catalog.current_database() and pronamespace ${EQ} 'pg_catalog'::pg_catalog.regnamespace
            and proname operator(pg_catalog.~) $1 and pg_catalog.has_function_privilege($2, p.oid, 'execute')`,
        [names, who],
      );
    const { rows } = await allowed("public");
    const [first] = rows;
    if (first !== undefined) {
      const functions = rows.map(({ signature }) => signature).join(", ");
      await attempt(
        owner,
        `grant execute on function ${functions} to ${pg.escapeIdentifier(first.owner)};
         revoke execute on function ${functions} from public`,
      );
    }
    if ((await allowed(role)).rows.length > 0) left.push(power);
  }
  return left;
}

async function setLimits(owner: pg.Client, role: string): Promise<string[]> {
  const left: string[] = [];
  for (const [name, value] of Object.entries(ROLE_SETTINGS)) {
    const { rows } = await owner.query<{ database: string; is_set: boolean }>(
      `select pg_catalog.current_database() as database, exists (
         select from pg_catalog.pg_db_role_setting, pg_catalog.unnest(setconfig) as setting
          where setrole ${EQ} (select oid from pg_catalog.pg_roles where rolname ${EQ} $1)
            and pg_catalog.split_part(setting, '=', 1) ${EQ} $2 and (setdatabase ${EQ} 0
             or setdatabase ${EQ} (select oid from pg_catalog.pg_database where datname ${EQ} pg_catalog.current_database()))) as is_set`,
      [role, name],
    );
    const { database, is_set } = expectOne(rows);
    if (is_set) continue;
    const done = await attempt(
      owner,
      `alter role ${pg.escapeIdentifier(role)} in database ${pg.escapeIdentifier(database)} set ${name} = '${value}'`,
    );
    if (!done) left.push(name);
  }
  return left;
}

/** What the server does not let the owner do, or does not have, is left; whoever asks for it looks at what came of it. */
async function attempt(owner: pg.Client, statements: string): Promise<boolean> {
  const NOT_ALLOWED = ["42501", "0LP01", "42704", "22023"];
  try {
    await owner.query(statements);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && NOT_ALLOWED.includes(error.code ?? "")) return false;
    throw error;
  }
}

/** The role the portals use is missing and could not be made. */
export class RoleBootstrapError extends Error {
  readonly code = "ROLE_BOOTSTRAP";

  constructor(
    readonly role: string,
    readonly sqlstate: string,
    reason: string,
  ) {
    super(
      `The role ${pg.escapeIdentifier(role)} of DATABASE_URL does not exist, and the owner could not make it ` +
        `(${sqlstate}: ${reason}). Make it by hand, then migrate again: ` +
        `create role ${pg.escapeIdentifier(role)} login password '...' nosuperuser nobypassrls;`,
    );
    this.name = "RoleBootstrapError";
  }
}

async function findRole(owner: pg.Client, name: string): Promise<boolean> {
  // The owner owns nothing yet where nothing was migrated.
  const { rows } = await owner.query<{ owner: string; is_owner: boolean }>(
    `select current_user as owner, pg_catalog.pg_has_role(rolname, current_user, 'member') as is_owner
       from pg_catalog.pg_roles where rolname ${EQ} $1`,
    [name],
  );
  const [role] = rows;
  if (role === undefined) return false;
  const isMember = `${name} is a member of ${role.owner}, which owns the tables: it could turn row-level security off`;
  const why = (await whyUnbound(owner, name)) ?? (role.is_owner ? isMember : null);
  if (why !== null) throw new UnsafeRoleError(`the role ${why}; ${ROLE_ADVICE}. Nothing was changed`);
  return true;
}
