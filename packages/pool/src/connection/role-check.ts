import type pg from "pg";
import { UnsafeRoleError } from "../errors/errors.ts";

/**
 * Makes an `onConnect` hook that refuses a role that row-level security does not bind: superusers and BYPASSRLS skip
 * every policy, silently. A table's owner is bound only where row-level security is forced.
 * It asks until it was once content: a role does not change under a running pool.
 *
 * @param advice the way out in the application's own terms, for the end of the message.
 */
export function onlyBoundRoles(
  advice = "connect as an ordinary role",
): (client: pg.ClientBase) => Promise<void> {
  let bound = false;
  return async (client) => {
    if (bound) return;
    await assertRoleIsBound(client, advice);
    bound = true;
  };
}

/** @throws {UnsafeRoleError} with what would be right. */
async function assertRoleIsBound(client: pg.ClientBase, advice: string): Promise<void> {
  const { rows } = await client.query<{ rolname: string; rolsuper: boolean }>(
    "select rolname, rolsuper from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)",
  );
  const [role] = rows;
  if (role === undefined) return;
  throw new UnsafeRoleError(
    `the role ${role.rolname} is ${role.rolsuper ? "a superuser" : "allowed BYPASSRLS"}: row-level security would not ` +
      `hold, and every tenant would see every other's rows; ${advice}`,
  );
}
