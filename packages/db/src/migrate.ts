import { fileURLToPath } from "node:url";
import { UnsafeRoleError } from "@openhouse/pool";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as runMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { readUrls, withConnection } from "./connection.ts";
import { ensureAppRole, grantToApp, ROLE_ADVICE } from "./roles.ts";
import { keepSigningKey } from "./signing-key.ts";

export interface MigrateOptions {
  /** The role that owns the tables; must reach the server itself, not a transaction-mode pooler. */
  ownerUrl: string;
  /** The portals' own URL: its role is made where it is missing, and gets its grants. */
  appUrl: string;
  log?: (line: string) => void;
  /** @default the migrations of this package */
  migrationsFolder?: string;
  /** How long to wait for another migration, and for tables that are in use, in milliseconds. @default 60_000 */
  lockTimeoutMs?: number;
  /** Ends the validity of the signing key before, when no process signs with it any more. @default false */
  dropPreviousKey?: boolean | undefined;
}

export interface MigrateResult {
  /** What the portals' role may still do, or has no bound for, because the owner may not change that; to be read by people. */
  leftOpen: string[];
}

const MIGRATIONS = fileURLToPath(new URL("../migrations", import.meta.url));

/** "openhous" in ASCII, as an advisory lock's 64-bit key. */
const LOCK_KEY = "8030029660474537331";

const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Brings the database up to date: role, tables, grants, the key that tenants' tokens are signed with. Safe to repeat, and to run from several processes
 * at once: an advisory lock lets them take turns. One connection, closed in any case.
 *
 * @throws {PoolConfigError} a URL is wrong; nothing was connected.
 * @throws {UnsafeRoleError} row-level security would not bind the portals' role; nothing was changed.
 * @throws {RoleBootstrapError} the portals' role is missing and the owner may not make it.
 * @throws {MigrationBusyError} another migration did not end within `lockTimeoutMs`.
 * Errors of a migration's SQL are thrown as Drizzle wraps them, with Postgres' own as `cause`.
 */
export async function migrate({
  ownerUrl,
  appUrl,
  log = () => {},
  migrationsFolder = MIGRATIONS,
  lockTimeoutMs = 60_000,
  dropPreviousKey,
}: MigrateOptions): Promise<MigrateResult> {
  const { owner, app, signing } = readUrls({ ownerUrl, appUrl });
  if (owner.user === app.user) {
    throw new UnsafeRoleError(
      `DATABASE_URL_OWNER must name the role that owns the tables; ${owner.user} is DATABASE_URL's as well: ${ROLE_ADVICE}`,
    );
  }
  return withConnection(owner, "openhouse-migrate", async (client) => {
    await takeLock(client, lockTimeoutMs);
    const found = await ensureAppRole(client, {
      name: app.user,
      password: typeof app.password === "function" ? await app.password() : app.password,
    });
    await runMigrations(drizzle(client), { migrationsFolder });
    const leftOpen = await grantToApp(client, app.user);
    const key = (await hasKeys(client))
      ? await keepSigningKey(client, signing.signingKey, { dropPrevious: dropPreviousKey })
      : "no table asks for a signing key";
    log(`database ${owner.database} is up to date; role ${app.user} ${found}; ${key}`);
    if (leftOpen.length > 0)
      log(
        `${owner.user}, being no superuser, could not take from ${app.user} or set for it: ${leftOpen.join("; ")}. ` +
          "docs/operating/deploying.md has what a superuser may run",
      );
    return { leftOpen };
  });
}

/** Other migrations than ours need not make a place for keys. */
async function hasKeys(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    "select pg_catalog.to_regclass('guard.key') is not null as found",
  );
  return rows[0]?.found === true;
}

/** The lock is the connection's: it is let go when that closes, however the migration ends. */
async function takeLock(client: pg.Client, lockTimeoutMs: number): Promise<void> {
  await client.query("select pg_catalog.set_config('lock_timeout', $1, false)", [`${lockTimeoutMs}ms`]);
  try {
    await client.query("select pg_catalog.pg_advisory_lock($1)", [LOCK_KEY]);
  } catch (error) {
    const timedOut = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
    throw timedOut ? new MigrationBusyError(lockTimeoutMs, { cause: error }) : error;
  }
}

/** Another process has been migrating this database for too long; nothing was changed. Look for it, then try again. */
export class MigrationBusyError extends Error {
  readonly code = "MIGRATION_BUSY";

  constructor(lockTimeoutMs: number, options?: ErrorOptions) {
    super(
      `Another migration of this database has not ended within ${lockTimeoutMs} ms. Nothing was changed; see ` +
        "pg_stat_activity for application_name 'openhouse-migrate', then migrate again.",
      options,
    );
    this.name = "MigrationBusyError";
  }
}
