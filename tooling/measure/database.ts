import { randomBytes } from "node:crypto";
import { migrate } from "@openhouse/db/migrate";
import {
  asSuperuser,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
  withDatabase,
} from "@openhouse/pool-testing";

/** Starts a server that says nothing, and makes ready what is to be measured on it; where that fails, it is stopped. */
export async function onServer<T>(
  options: EmbeddedPostgresOptions,
  prepare: (server: EmbeddedPostgres) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedPostgres({ log: () => {}, ...options });
  try {
    return await prepare(server);
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
}

/** A database as its two sorts of users know it. */
export interface DatabaseUrls {
  readonly superuserUrl: string;
  /** As the role that row-level security binds. */
  readonly appUrl: string;
}

/** Makes a database with the product's tables, and the role that portals have there. */
export async function createMigratedDatabase(
  serverUrl: string,
  database: string,
  role: string,
): Promise<DatabaseUrls> {
  await asSuperuser(serverUrl, (client) => client.query(`create database ${database}`));
  const superuserUrl = withDatabase(serverUrl, database);
  const appUrl = urlAs(superuserUrl, role, randomBytes(18).toString("base64url"));
  await migrate({ ownerUrl: superuserUrl, appUrl });
  return { superuserUrl, appUrl };
}

export function urlAs(databaseUrl: string, role: string, password: string): string {
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return url.href;
}

/** The one row that a statement gives. */
export async function queryRow<Row extends object>(url: string, statement: string): Promise<Row | undefined> {
  return asSuperuser(url, async (client) => (await client.query<Row>(statement)).rows[0]);
}
