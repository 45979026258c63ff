import { UnsafeRoleError } from "@openhouse/pool";
import { whyUnbound } from "@openhouse/pool/tenants";
import pg from "pg";
import { scramVerifier } from "./scram.ts";

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
 * @throws {UnsafeRoleError} the role exists and row-level security does not bind it, or it is the owner's or a member of that.
 * @throws {RoleBootstrapError} the role is missing and the owner may not make it.
 */
export async function ensureAppRole(owner: pg.Client, role: AppRole): Promise<"made" | "found"> {
  if (await findRole(owner, role.name)) return "found";
  const password = role.password ? ` password ${pg.escapeLiteral(scramVerifier(role.password))}` : "";
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

/** Lets the role use what is there now: rows of every table, no more. Run after each migration. */
export async function grantToApp(owner: pg.Client, role: string): Promise<void> {
  const { rows } = await owner.query<{ database: string }>("select current_database() as database");
  const [here] = rows;
  if (here === undefined) return;
  const to = pg.escapeIdentifier(role);
  await owner.query(`
    revoke create on schema public from public;
    grant connect on database ${pg.escapeIdentifier(here.database)} to ${to};
    grant usage on schema public to ${to};
    grant select, insert, update, delete on all tables in schema public to ${to};
    grant usage on all sequences in schema public to ${to};
  `);
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
    "select current_user as owner, pg_has_role(rolname, current_user, 'member') as is_owner from pg_roles where rolname = $1",
    [name],
  );
  const [role] = rows;
  if (role === undefined) return false;
  const owns =
    role.owner === name
      ? "migrates, and so owns the tables"
      : `is a member of ${role.owner}, which owns the tables`;
  const why =
    (await whyUnbound(owner, name)) ??
    (role.is_owner ? `${name} ${owns}: it could turn row-level security off` : null);
  if (why !== null) throw new UnsafeRoleError(`the role ${why}; ${ROLE_ADVICE}. Nothing was changed`);
  return true;
}
