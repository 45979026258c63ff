import { dirname, join } from "node:path";
import { readSettings } from "@openhouse/pool";
import {
  asSuperuser,
  type EmbeddedPostgres,
  type Standby,
  startEmbeddedPostgres,
  startStandby,
  withDatabase,
} from "@openhouse/pool-testing";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { keptSecret } from "./kept-secret.ts";

const DATABASE_NAME = "openhouse";
const APP_ROLE = "openhouse_app";
/** Stands for the embedded server's address, which is not known before it runs, while the other settings are checked. */
const STAND_IN_URL = `postgres://${APP_ROLE}@localhost/${DATABASE_NAME}`;

/** The database that a script works on. */
export interface ScriptDatabase {
  /** As the role that the portals use. */
  readonly appUrl: string;
  /** As the role that migrates. */
  readonly ownerUrl: string;
  /** `null` where DATABASE_URL names another server. */
  readonly embedded: EmbeddedPostgres | null;
  /** For the screen: which server, and where its data lies. No secrets. */
  readonly description: string;
  /** Stops the embedded server, if this script has started it. */
  stop(): Promise<void>;
}

/**
 * The server of DATABASE_URL; without one the embedded server of this checkout, started or joined.
 *
 * @throws {PoolConfigError} listing every fault of the settings; nothing was started.
 */
export async function openDatabase(log: (line: string) => void): Promise<ScriptDatabase> {
  const appUrl = process.env.DATABASE_URL || undefined; // an empty line in .env means that there is none
  const DATABASE_URL_OWNER = process.env.DATABASE_URL_OWNER || undefined;
  // Before anything starts, and all at once: every fault found later costs a start.
  const checked = { ...process.env, DATABASE_URL: appUrl ?? STAND_IN_URL, DATABASE_URL_OWNER };
  const { ownerUrl } = readSettings(checked);
  if (appUrl !== undefined) {
    return {
      appUrl,
      ownerUrl,
      embedded: null,
      description: "the server of DATABASE_URL",
      stop: async () => {},
    };
  }
  const embedded = await startEmbeddedPostgres({ name: "dev", log });
  try {
    await makeDatabase(embedded.url);
    return describeEmbedded(embedded);
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/**
 * Starts so many replicas of the embedded server.
 *
 * @returns their addresses, as the role that the portals use, and what stops them.
 * @throws {UserError} the server is none that this command has started.
 */
export async function startReplicas(
  { embedded, appUrl }: ScriptDatabase,
  count: number,
): Promise<{ urls: readonly string[]; stop(): Promise<void> }> {
  const standbys: Standby[] = [];
  const stop = async () => {
    for (const standby of standbys.splice(0)) await standby.stop();
  };
  if (count === 0) return { urls: [], stop };
  if (embedded === null || embedded.shared)
    throw new UserError(
      "--replicas are made of the embedded Postgres that this command starts: leave DATABASE_URL out, and stop what runs on it. " +
        "Replicas of another server are named in DATABASE_URL_REPLICAS.",
    );
  try {
    while (standbys.length < count)
      standbys.push(await startStandby(embedded, { name: `replica-${standbys.length + 1}` }));
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = standbys.map(({ port }) => {
    const url = new URL(appUrl);
    url.port = String(port);
    return url.href;
  });
  return { urls, stop };
}

/** Drops the database, whoever uses it, and makes it anew, empty. */
export async function remakeDatabase(serverUrl: string): Promise<void> {
  await asSuperuser(serverUrl, (client) =>
    client.query(`drop database if exists ${DATABASE_NAME} with (force)`),
  );
  await makeDatabase(serverUrl);
}

function describeEmbedded(embedded: EmbeddedPostgres): ScriptDatabase {
  const ownerUrl = withDatabase(embedded.url, DATABASE_NAME);
  const appUrl = new URL(ownerUrl);
  appUrl.username = APP_ROLE;
  appUrl.password = keptSecret(join(dirname(embedded.dataDirectory), "app-password"));
  return {
    appUrl: appUrl.href,
    ownerUrl,
    embedded,
    description: `embedded Postgres at ${embedded.host}:${embedded.port}, data in ${embedded.dataDirectory}`,
    stop: () => embedded.stop(),
  };
}

async function makeDatabase(serverUrl: string): Promise<void> {
  await asSuperuser(serverUrl, async (client) => {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  }).catch((error: unknown) => {
    // Two scripts that share the server can come here at once.
    const DUPLICATE_DATABASE = "42P04";
    if (!(error instanceof Error && "code" in error && error.code === DUPLICATE_DATABASE)) throw error;
  });
}
