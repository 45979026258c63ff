import { UnsafeRoleError } from "@openhouse/pool";
import type { ClientBase } from "pg";

/**
 * Makes a connect hook that refuses a role that row-level security does not bind: superusers and BYPASSRLS skip every
 * policy, silently. An owner is bound, because row-level security is forced on every table.
 * It asks until it was once content: a role does not change under a running pool.
 */
export function onlyBoundRoles(): (client: ClientBase) => Promise<void> {
  let bound = false;
  return async (client) => {
    if (bound) return;
    await assertRoleIsBound(client);
    bound = true;
  };
}

/** @throws {UnsafeRoleError} with what would be right. */
async function assertRoleIsBound(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ rolsuper: boolean }>(
    "select rolsuper from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)",
  );
  const [role] = rows;
  if (role === undefined) return;
  throw new UnsafeRoleError(
    `the role in DATABASE_URL is ${role.rolsuper ? "a superuser" : "allowed BYPASSRLS"}: row-level security would not hold, ` +
      "and every tenant would see every other's rows. Let DATABASE_URL name an ordinary role, such as openhouse_app, " +
      "put this one into DATABASE_URL_OWNER, and run `npm run db:migrate`: it makes the role and grants what it needs",
  );
}
