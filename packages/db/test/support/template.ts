import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withDatabase } from "@openhouse/pool-testing";
import pg from "pg";
import { migrate } from "../../src/migrate.ts";
import { seed } from "../../src/seed.ts";

/** Neither is a superuser: the owner may make roles, the app may log in. */
export const OWNER = { name: "openhouse_test_owner", password: "owner-of-test-databases" };
export const APP = { name: "openhouse_test_app", password: "app-of-test-databases" };

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const LOCK_KEY = 4_815_162_342;

/** Named after what it is made from, so that runs which share a server share it only where they agree. */
export function templateName(): string {
  const hash = createHash("sha256");
  for (const path of sourceFiles()) hash.update(path).update(readFileSync(join(PACKAGE, path)));
  return `openhouse_template_${hash.digest("hex").slice(0, 12)}`;
}

/** Makes the migrated and seeded database that tests clone, unless it is there. Run once, before the tests. */
export async function createTemplate(serverUrl: string): Promise<void> {
  const name = templateName();
  const building = `${name}_building`;
  await withServer(serverUrl, async (server) => {
    await server.query("select pg_advisory_lock($1)", [LOCK_KEY]);
    const { rowCount } = await server.query("select 1 from pg_database where datname = $1", [name]);
    if (rowCount !== 0) return;
    await ensureOwner(server);
    await server.query(`drop database if exists ${building} with (force)`);
    await server.query(`create database ${building} owner ${OWNER.name}`);
    const url = withDatabase(serverUrl, building);
    const appUrl = as(APP, url);
    await migrate({ ownerUrl: as(OWNER, url), appUrl });
    await seed({ appUrl });
    await server.query(`alter database ${building} rename to ${name}`);
  });
}

/** The same database as another role. */
export function as(role: { name: string; password: string }, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = role.name;
  url.password = role.password;
  return url.href;
}

export async function withServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function ensureOwner(server: pg.Client): Promise<void> {
  const { rowCount } = await server.query("select 1 from pg_roles where rolname = $1", [OWNER.name]);
  if (rowCount !== 0) return;
  await server.query(`create role ${OWNER.name} login createrole password '${OWNER.password}'`);
}

function sourceFiles(): string[] {
  return ["migrations", "src", "test/support"].flatMap((folder) =>
    readdirSync(join(PACKAGE, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(PACKAGE.length))
      .sort(),
  );
}
