import { Client, connectClient, type DatabaseConfig, PoolConfigError, readSettings } from "@openhouse/pool";
import type pg from "pg";
import { environment } from "./env.ts";
import { readSigning } from "./signing-settings.ts";

/** Where to connect, TLS decided, as pg takes it. */
export type ConnectionOptions = DatabaseConfig["owner"];

const CONNECT_TIMEOUT_MS = 10_000;
/** Of an embedded server, while the file is of another one. */
const HAS_PASSWORD = /^[^/]+:\/\/[^/@:]*:[^@]+@/;

/**
 * Checks the URLs, decides on TLS by the same rules as the pool, and finds what tenants' tokens are signed with.
 *
 * @throws {PoolConfigError} listing every fault of them.
 */
export function readUrls({ appUrl, ownerUrl = appUrl }: { appUrl: string; ownerUrl?: string }) {
  const env = environment();
  const { DATABASE_SSL, DATABASE_SSL_CA, DATABASE_PASSWORD_FILE } = env;
  const { options, owner } = readSettings({
    DATABASE_URL: appUrl,
    DATABASE_URL_OWNER: ownerUrl,
    DATABASE_SSL,
    DATABASE_SSL_CA,
    ...(!HAS_PASSWORD.test(appUrl) && { DATABASE_PASSWORD_FILE }),
  });
  const { signing, faults } = readSigning(env, options);
  if (signing === undefined) throw new PoolConfigError(faults);
  return { app: options, owner, signing };
}

/**
 * Lends one connection of its own to `work`, and closes it whatever `work` does.
 * It must reach the server itself, not a transaction-mode pooler: `work` may rely on the session.
 */
export async function withConnection<T>(
  options: ConnectionOptions,
  applicationName: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectClient(options, (each) => {
    const one = new Client({
      ...each,
      queryTimeoutMs: 0,
      application_name: applicationName,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    });
    // A connection that dies rejects the statement under way; without a listener it would end the process as well.
    one.on("error", () => {});
    return one;
  });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
