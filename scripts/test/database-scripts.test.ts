import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createEmptyDatabase, createTenantDatabase } from "@openhouse/db/test-support/database";
import { startEmbeddedPostgres, withDatabase } from "@openhouse/pool-testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { prepareDatabase } from "../support/prepare.ts";
import { endAllScripts, newPostgresDirectory, runScript } from "./support/script.ts";

let place: ReturnType<typeof newPostgresDirectory>;
let env: Record<string, string>;
beforeAll(() => {
  place = newPostgresDirectory();
  env = { EMBEDDED_POSTGRES_DIR: place.path };
});
afterEach(endAllScripts);
afterAll(() => place.remove());

/** Runs a script to its end. */
async function run(name: string, variables: Record<string, string>, args: string[] = []) {
  const script = runScript(name, variables, args);
  return { code: await script.ended, output: script.output() };
}

const tenantCount = (serverUrl: string) => rowCount(withDatabase(serverUrl, "openhouse"), "tenants");

async function rowCount(url: string, table: "tenants" | "staff"): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`select count(*)::int as count from ${table}`);
  await client.end();
  return rows[0]?.count;
}

test("db:migrate, db:seed and db:reset work on the embedded server, which ends with each of them", async () => {
  const migrated = await run("db-migrate", env);
  expect(migrated).toMatchObject({ code: 0, output: expect.stringContaining("up to date") });

  const seeded = await run("db-seed", env);
  expect(seeded).toMatchObject({ code: 0, output: expect.stringContaining("Harbour & Vale Homes: added") });
  const again = await run("db-seed", env);
  expect(again).toMatchObject({
    code: 0,
    output: expect.stringContaining("Harbour & Vale Homes: there already"),
  });

  const reset = await run("db-reset", env);
  expect(reset).toMatchObject({ code: 0, output: expect.stringContaining("Harbour & Vale Homes: added") });
  const secret = join(place.path, "dev", "app-password");
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  for (const { output } of [migrated, seeded, reset])
    expect(output).not.toContain(readFileSync(secret, "utf8"));
  expect(existsSync(join(place.path, "dev", "data", "postmaster.pid"))).toBe(false);
}, 60_000);

test("db:seed and db:reset join a server that runs, and leave it running", async () => {
  const server = await startEmbeddedPostgres({ name: "dev", baseDirectory: place.path });
  try {
    expect(await run("db-seed", env)).toMatchObject({ code: 0 });
    const client = new pg.Client({ connectionString: withDatabase(server.url, "openhouse") });
    client.on("error", () => {}); // the reset ends it
    await client.connect();
    await client.query("create table left_over ()");
    expect(await run("db-reset", env)).toMatchObject({ code: 0, output: expect.stringContaining("Afresh") });
    await expect(client.query("select 1")).rejects.toThrow();
    expect(await tenantCount(server.url)).toBe(2);
  } finally {
    await server.stop();
  }
}, 60_000);

test("db:reset does not touch the database of DATABASE_URL, and asks before it drops the embedded one instead", async () => {
  const DATABASE_URL = "postgres://someone:secret@127.0.0.1:1/precious";
  const { code, output } = await run("db-reset", { ...env, DATABASE_URL });
  expect(code).toBe(1);
  expect(output).toContain("DATABASE_URL is set");
  expect(output).toContain("--yes");
  expect(output).not.toMatch(/secret|at .*\.ts:/); // nor a stack

  const forced = await run("db-reset", { ...env, DATABASE_URL }, ["--yes"]);
  expect(forced).toMatchObject({ code: 0, output: expect.stringContaining(join(place.path, "dev")) });
}, 60_000);

test("with DATABASE_URL set nothing embedded starts", async () => {
  const database = await createTenantDatabase();
  try {
    const variables = {
      EMBEDDED_POSTGRES_DIR: join(place.path, "unused"),
      DATABASE_URL: database.appUrl,
      DATABASE_URL_OWNER: database.ownerUrl,
    };
    expect(await run("db-migrate", variables)).toMatchObject({ code: 0 });
    expect(await run("db-seed", variables, ["--yes"])).toMatchObject({ code: 0 });
    expect(await run("test-connection-pool", variables)).toMatchObject({ code: 0 });
    expect(existsSync(join(place.path, "unused"))).toBe(false);
  } finally {
    await database.drop();
  }
}, 60_000);

test("doctor has nothing against our own database, and tells where it does not take what the portals sign", async () => {
  const database = await createTenantDatabase();
  onTestFinished(() => database.drop());
  const variables = { DATABASE_URL: database.appUrl, DATABASE_URL_OWNER: database.ownerUrl };
  expect(await run("db-migrate", variables)).toMatchObject({ code: 0 });
  const healthy = await run("doctor", variables, ["--json"]);
  expect(healthy).toMatchObject({ code: 0, output: expect.stringContaining('"id": "tenant_token"') });

  const TENANT_SIGNING_KEY = "a key that the database was not migrated with";
  const { code, output } = await run("doctor", { ...variables, TENANT_SIGNING_KEY });
  expect(code).toBe(1);
  expect(output).toMatch(
    /^WRONG {2}tenant_token +the tenant's token has no signature that this database knows$/m,
  );
  expect(output).toContain("npm run db:migrate has to be given the same");
  expect(output).toMatch(/^1 wrong, 0 warn/m);
}, 60_000);

test("accounts with public passwords come to a server of DATABASE_URL only where somebody says so", async () => {
  const database = await createEmptyDatabase();
  onTestFinished(() => database.drop());
  const { appUrl, ownerUrl, superuserUrl } = database;
  const staff = () => rowCount(superuserUrl, "staff");
  // What `npm start` and `npm run dev` prepare.
  const prepared = prepareDatabase(
    { appUrl, ownerUrl, embedded: null, description: "a server", stop: async () => {} },
    () => {},
  );
  expect(await prepared).toBeNull();
  expect(await staff()).toBe(0);

  const variables = { ...env, DATABASE_URL: appUrl, DATABASE_URL_OWNER: ownerUrl };
  const refused = await run("db-seed", variables);
  expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/passwords are public.*--yes/s) });
  expect(await staff()).toBe(0);
  expect(await run("db-seed", variables, ["--yes"])).toMatchObject({ code: 0 });
  expect(await staff()).toBeGreaterThan(0);
}, 60_000);

test("test:pool shows twenty statements and the pool's figures as aligned tables", async () => {
  const { code, output } = await run("test-connection-pool", env);
  expect(code, output).toBe(0);
  const lines = output.split("\n");
  const statements = lines.filter((line) => /^ +\d+ +\d+ +\d+ +\d+$/.test(line));
  expect(statements).toHaveLength(20);
  expect(new Set(statements.map((line) => line.length)).size).toBe(1);
  for (const when of ["before", "during", "after"]) {
    expect(lines.filter((line) => line.trim().startsWith(when))).toHaveLength(1);
  }
  expect(output).toMatch(/20 succeeded, 0 failed; \d+ backends/);
}, 60_000);

test("test:pool fails, and says why for each statement, when the database cannot be reached", async () => {
  const { code, output } = await run("test-connection-pool", {
    DATABASE_URL: "postgres://openhouse_app:secret@127.0.0.1:1/openhouse",
    DB_POOL_CONN_TIMEOUT_MS: "500",
  });
  expect(code).toBe(1);
  expect(output).toContain("0 succeeded, 20 failed");
  expect(output).not.toContain("secret");
}, 60_000);
