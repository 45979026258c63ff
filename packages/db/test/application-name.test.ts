import { readFileSync } from "node:fs";
import { startFaultProxy } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { closePool, db, disconnect, forTenant, nameProcess } from "../src/client.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";

const HARBOUR = "select tenant_id from tenants order by slug limit 1";
/** One way, of each message through the proxy. */
const DELAY_MS = 60;

let database: TenantDatabase;
let superuser: pg.Client;
let tenantId: string;
let route: string | undefined;

beforeAll(async () => {
  database = await createTenantDatabase();
  superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  const { rows } = await superuser.query<{ tenant_id: string }>(HARBOUR);
  tenantId = rows[0]?.tenant_id ?? "";
});
beforeEach(() => {
  vi.stubEnv("DATABASE_URL", database.appUrl);
  nameProcess("tenant", () => route);
});
afterEach(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await closePool();
  await superuser.end();
  await database.drop();
});

const asked = sql<string>`select current_setting('application_name') as name`;
const nameIn = async (run: Pick<typeof db, "execute">) => String((await run.execute(asked)).rows[0]?.name);

test("connections have the process's name, and a tenant's statements the route behind it, within 63 bytes", async () => {
  const own = await nameIn(db);
  expect(own).toMatch(/^openhouse\/tenant@[\w.-]{1,12}-\d+$/);
  route = "/documents/[id]";
  expect(await nameIn(forTenant(tenantId))).toBe(`${own} /documents/[id]`);
  route = `/a-${"very-".repeat(20)}long-rôute`;
  const long = await nameIn(forTenant(tenantId));
  expect([long.length, long.startsWith(`${own} /a-very-`)]).toEqual([63, true]);
  route = undefined;
  expect(await nameIn(forTenant(tenantId))).toBe(own);
  expect(await nameIn(db)).toBe(own);
});

test("a name in DATABASE_URL counts before it", async () => {
  vi.stubEnv("DATABASE_URL", `${database.appUrl}?application_name=theirs`);
  expect(await nameIn(db)).toBe("theirs");
});

test("the route takes no flight of its own", async () => {
  const { hostname, port } = new URL(database.appUrl);
  const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  vi.stubEnv("DATABASE_URL", proxy.url(database.appUrl));
  route = "/documents";
  for (let warm = 0; warm < 3; warm++) await nameIn(forTenant(tenantId));
  proxy.setDelayMs(DELAY_MS);
  const startedAt = performance.now();
  expect(await nameIn(forTenant(tenantId))).toContain(" /documents");
  expect(performance.now() - startedAt).toBeLessThan(2 * 2 * DELAY_MS); // one there and back, and less than another
  proxy.setDelayMs(0);
  await disconnect({ timeoutMs: 1_000 });
  await proxy.close();
});

const manual = readFileSync(new URL("../../../docs/operating/monitoring.md", import.meta.url), "utf8");
const blocks = [...manual.matchAll(/```sql\n-- (.+)\n([\s\S]+?)```/g)].map(
  ([, what = "", statement = ""]) => [what, statement] as const,
);

test("the manual has statements to look at a server with", () => {
  expect(blocks.length).toBeGreaterThan(3);
});

test.each(blocks)("a member of pg_monitor sees %s", async (_what, statement) => {
  const url = new URL(database.superuserUrl);
  const name = `watcher_${process.pid}`;
  await superuser.query(`create role ${name} login password 'watches' in role pg_monitor`);
  await superuser.query(`grant connect on database "${url.pathname.slice(1)}" to ${name}`);
  url.username = name;
  url.password = "watches";
  const watcher = new pg.Client({ connectionString: url.href });
  await watcher.connect();
  const [holder, waiter] = await Promise.all([connectAs("holder"), connectAs("waiter")]);
  try {
    await holder.query("begin; lock table tenants");
    const waiting = waiter.query("select count(*) from tenants").catch(() => {});
    await vi.waitFor(async () => {
      const { rows } = await superuser.query("select from pg_locks where not granted");
      expect(rows).not.toEqual([]);
    });
    const { rows } = await watcher.query<Record<string, unknown>>(statement);
    expect(rows.length).toBeGreaterThan(0);
    // What an ordinary role is not shown comes as null or as a sentence about it.
    expect(JSON.stringify(rows)).not.toMatch(/null|insufficient privilege/);
    await holder.query("rollback");
    await waiting;
  } finally {
    await Promise.all([holder.end(), waiter.end(), watcher.end()]);
    await superuser.query(`drop owned by ${name}; drop role ${name}`);
  }
});

async function connectAs(name: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: database.superuserUrl,
    application_name: `openhouse/${name}@here`,
  });
  await client.connect();
  return client;
}
