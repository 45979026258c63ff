import { UserError } from "@openhouse/tooling/cli/user-error";
import { createMigratedDatabase, onServer, queryRow } from "@openhouse/tooling/measure/database";
import pg from "pg";

/** The database that the portal under load works on. */
export interface LoadDatabase {
  /** As the role that the portal uses. */
  readonly appUrl: string;
  /** For looking at the server: the superuser of our own, the portal's role on a given one. */
  readonly watchUrl: string;
  /** The server's version, and what sort of server it is. */
  readonly description: string;
  /** Undefined where the server is not ours to restart. */
  readonly restart?: () => Promise<void>;
  /** As the role that owns the tables, for what is to be removed; undefined where all was made for this run, and is gone with it. */
  readonly ownerUrl?: string;
  stop(): Promise<void>;
}

/** A temporary cluster, migrated. */
export function openOwnDatabase(): Promise<LoadDatabase> {
  // A commit waits for the disk as it does in earnest: the ledger is to be safe from a restart.
  const settings = { max_connections: "100", synchronous_commit: "on", shared_buffers: "256MB" };
  return onServer({ name: "loadtest", temporary: true, settings }, async (server) => {
    const { superuserUrl, appUrl } = await createMigratedDatabase(server.url, "loadtest", "openhouse_app");
    return {
      appUrl,
      watchUrl: superuserUrl,
      description: `${await versionOf(superuserUrl)}, embedded Postgres, a temporary cluster`,
      restart: () => server.restart("fast"),
      stop: () => server.stop("immediate"),
    };
  });
}

/**
 * A database as it is.
 *
 * @throws {UserError} it cannot be used, with the reason.
 */
export async function openGivenDatabase(url: string): Promise<LoadDatabase> {
  const codes = await queryRow<{ found: unknown }>(
    url,
    "select to_regclass('onboarding_codes') as found",
  ).catch((error: unknown) => {
    const reason = error instanceof pg.DatabaseError ? `${error.code} ${error.message}` : String(error);
    throw new UserError(`--database-url: the database cannot be reached: ${reason}`, { cause: error });
  });
  if (codes?.found === null)
    throw new UserError("--database-url: the database is not migrated; run npm run db:migrate first");
  const description = `${await versionOf(url)}, the database of --database-url`;
  const ownerUrl = process.env.DATABASE_URL_OWNER;
  if (!ownerUrl)
    throw new UserError(
      "--database-url: DATABASE_URL_OWNER must name the role that owns the tables, which removes what is made",
    );
  return { appUrl: url, watchUrl: url, description, ownerUrl, stop: async () => {} };
}

async function versionOf(url: string): Promise<string | undefined> {
  return (await queryRow<{ server_version: string }>(url, "show server_version"))?.server_version;
}
