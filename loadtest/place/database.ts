import { randomBytes } from "node:crypto";
import { migrate } from "@openhouse/db/migrate";
import { asSuperuser, startEmbeddedPostgres, withDatabase } from "@openhouse/pool-testing";
import { UserError } from "@openhouse/tooling/cli/user-error";
import pg from "pg";

const DATABASE = "loadtest";
const APP_ROLE = "openhouse_app";

/** The database that the portal under load works on. */
export interface LoadDatabase {
  /** As the role that the portal uses. */
  readonly appUrl: string;
  /** For looking at the server: the superuser of our own, the portal's role on a given one. */
  readonly watchUrl: string;
  readonly serverVersion: string;
  readonly description: string;
  /** @throws {UserError} the server is not ours to restart. */
  restart(): Promise<void>;
  /** Made for this run, and gone with it. */
  readonly own: boolean;
  stop(): Promise<void>;
}

/**
 * A temporary cluster, migrated, or the database of `givenUrl` as it is.
 *
 * @throws {UserError} the given database cannot be used, with the reason.
 */
export async function openLoadDatabase(givenUrl: string | undefined): Promise<LoadDatabase> {
  return givenUrl === undefined ? openOwn() : openGiven(givenUrl);
}

async function openOwn(): Promise<LoadDatabase> {
  // A commit waits for the disk as it does in earnest: the ledger is to be safe from a restart.
  const settings = { max_connections: "100", synchronous_commit: "on", shared_buffers: "256MB" };
  const server = await startEmbeddedPostgres({ name: "loadtest", temporary: true, settings, log: () => {} });
  try {
    await asSuperuser(server.url, (client) => client.query(`create database ${DATABASE}`));
    const watchUrl = withDatabase(server.url, DATABASE);
    const app = new URL(watchUrl);
    app.username = APP_ROLE;
    app.password = randomBytes(18).toString("base64url");
    await migrate({ ownerUrl: watchUrl, appUrl: app.href });
    return {
      appUrl: app.href,
      watchUrl,
      serverVersion: await versionOf(watchUrl),
      description: "embedded Postgres, a temporary cluster",
      own: true,
      restart: () => server.restart("fast"),
      stop: () => server.stop("immediate"),
    };
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
}

async function openGiven(url: string): Promise<LoadDatabase> {
  try {
    const found = await asSuperuser(url, async (client) => {
      const tables = await client.query("select to_regclass('onboarding_codes') as found");
      return tables.rows[0]?.found !== null;
    });
    if (!found)
      throw new UserError("--database-url: the database is not migrated; run npm run db:migrate first");
    return {
      appUrl: url,
      watchUrl: url,
      serverVersion: await versionOf(url),
      description: "the database of --database-url",
      own: false,
      restart: async () => {
        throw new UserError("--restart needs the embedded server: a given one is not ours to restart");
      },
      stop: async () => {},
    };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof pg.DatabaseError ? `${error.code} ${error.message}` : String(error);
    throw new UserError(`--database-url: the database cannot be reached: ${reason}`, { cause: error });
  }
}

async function versionOf(url: string): Promise<string> {
  return asSuperuser(url, async (client) =>
    String((await client.query("show server_version")).rows[0]?.server_version),
  );
}
