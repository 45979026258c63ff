import { createHealthHandlers } from "@openhouse/pool/http";
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  closePool,
  db,
  dbInBackground,
  disconnect,
  forTenant,
  forTenantInBackground,
  getBackgroundStats,
  getDatabaseResources,
  getPoolStats,
  hasReplicas,
  healthCheck,
  UnsafeRoleError,
  withClient,
  withDbCleanup,
} from "../src/client.ts";
import { developments } from "../src/schema/index.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

// Each test is a row of docs/SINGLE_CLIENT.md.
const database = usePortalDatabase();
const tenants = [HARBOUR, NORTHGATE];

beforeEach(() => {
  vi.stubEnv("DB_USE_SINGLE_CLIENT", "true");
});
afterEach(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.stubEnv("DATABASE_URL", database().appUrl);
  vi.restoreAllMocks();
});

async function onServer<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
  const server = new pg.Client({ connectionString: database().superuserUrl });
  await server.connect();
  try {
    return (await server.query<T>(text, values)).rows;
  } finally {
    await server.end();
  }
}

/** Backends of everybody else in this database. */
async function backends(): Promise<number[]> {
  const rows = await onServer<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
  );
  return rows.map(({ pid }) => pid);
}

test("no replica is asked: `onReplica()` reads from the primary", async () => {
  vi.stubEnv("DATABASE_URL_REPLICAS", "postgres://nobody:none@127.0.0.1:1/nowhere");
  const tenant = forTenant(HARBOUR);
  const write = tenant.withPosition((writer) => writer.update(developments).set({ stage: "completed" }));
  expect((await write).position).toBeUndefined();
  expect(await tenant.onReplica().select({ stage: developments.stage }).from(developments).limit(1)).toEqual([
    { stage: "completed" },
  ]);
  expect(hasReplicas()).toBe(false);
  expect(getPoolStats().replicas).toBeUndefined();
  vi.stubEnv("DATABASE_URL_REPLICAS", undefined);
});

test("a read of `onReplica()` that writes is refused, and keeps the connection", async () => {
  const reader = forTenant(HARBOUR).onReplica();
  expect(await reader.select().from(developments)).not.toEqual([]);
  const before = await backends();
  const locked = reader.select().from(developments).for("update");
  await expect(locked).rejects.toMatchObject({
    cause: { code: "MISPLACED_STATEMENT", cause: { code: "25006" } },
  });
  expect(await backends()).toEqual(before);
});

test("db sees no tenant's rows, and forTenant its own, in every form of query", async () => {
  expect(getDatabaseResources().mode).toBe("single-client");
  expect(await db.select().from(developments)).toEqual([]);
  for (const tenantId of tenants) {
    const tenant = forTenant(tenantId);
    const selected = await tenant.select().from(developments);
    expect(new Set(selected.map((row) => row.tenantId))).toEqual(new Set([tenantId]));
    expect(await tenant.query.developments.findMany()).toHaveLength(selected.length);
    expect(await tenant.transaction((tx) => tx.$count(developments))).toBe(selected.length);
  }
});

test("tenants that query at the same time do not meet", async () => {
  const asked = Array.from({ length: 40 }, (_, index) => tenants[index % 2] ?? "");
  const seen = await Promise.all(
    asked.map((id) => forTenant(id).selectDistinct({ id: developments.tenantId }).from(developments)),
  );
  expect(seen).toEqual(asked.map((id) => [{ id }]));
  expect(await backends()).toHaveLength(1);
});

test("work that holds the client and asks for another is told at once", async () => {
  const refused = { code: "NESTED_ACQUIRE" };
  await expect(withClient(() => withClient(async () => "never"))).rejects.toMatchObject(refused);
  await expect(db.transaction(() => db.execute(sql`select 1`))).rejects.toMatchObject(refused);
  const inBackground = dbInBackground.transaction(() => db.execute(sql`select 1`));
  await expect(inBackground).rejects.toMatchObject(refused);
  expect(await withClient(async () => "served")).toBe("served");
});

test("every backend is terminated, and later statements succeed", async () => {
  await db.execute(sql`select 1`);
  await onServer("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [await backends()]);
  await waitFor(() => getPoolStats().totalCount === 0, { what: "the loss to be noticed" });
  expect(await forTenant(HARBOUR).$count(developments)).toBeGreaterThan(0);
});

test("withDbCleanup takes back what a handler forgot, and names the place", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const forgetful = withDbCleanup(async () => {
    await getDatabaseResources().pool.connect();
    return "done";
  });
  expect(await forgetful()).toBe("done");
  expect(await forgetful()).toBe("done");
  expect(warn.mock.calls.join()).toContain("single-client.test.ts");
});

test("a role that row-level security does not bind, or that can end it, is refused", async () => {
  vi.stubEnv("DATABASE_URL", database().superuserUrl);
  vi.spyOn(console, "warn").mockImplementation(() => {});
  await expect(db.execute(sql`select 1`)).rejects.toMatchObject({ cause: expect.any(UnsafeRoleError) });
  await waitFor(async () => (await backends()).length === 0, { what: "the refused connection to close" });
});

test("health routes answer while the client is held, and tell of draining", async () => {
  const routes = createHealthHandlers({ check: healthCheck });
  const ask = async (route: keyof typeof routes) => {
    const response = await routes[route](new Request("http://portal/health"));
    return [response.status, Reflect.get(await response.json(), "status")];
  };
  await withClient(async () => {
    expect([await ask("live"), await ask("ready"), await ask("db")]).toEqual([
      [200, "alive"],
      [200, "healthy"],
      [200, "healthy"],
    ]);
  });
  await closePool();
  expect([await ask("live"), await ask("ready"), await ask("db")]).toEqual([
    [200, "alive"],
    [503, "draining"],
    [503, "draining"],
  ]);
});

test("closing is orderly, and disconnect lets the next use open the database again", async () => {
  await db.execute(sql`select 1`);
  await healthCheck();
  await Promise.all([closePool(), closePool()]);
  await expect(db.execute(sql`select 1`)).rejects.toMatchObject({ cause: { code: "POOL_CLOSED" } });
  await waitFor(async () => (await backends()).length === 0, { what: "the connections to go" });
  await disconnect();
  expect((await db.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
});

test("background work takes turns of one", async () => {
  let release: (() => void) | undefined;
  const holding = withClient(() => new Promise<void>((resolve) => (release = resolve)));
  await waitFor(() => release !== undefined, { what: "the client to be held" });
  const work = () => forTenantInBackground(HARBOUR).$count(developments);
  const counts = Promise.all(Array.from({ length: 8 }, work));
  await waitFor(() => getBackgroundStats().waitingCount === 7, { what: "seven to wait" });
  expect(getBackgroundStats()).toMatchObject({ usedCount: 1, max: 1 });
  expect(getPoolStats().waitingCount).toBe(1); // whose turn it is; no other stands in a request's way
  release?.();
  await holding;
  expect(new Set(await counts).size).toBe(1);
  expect(getBackgroundStats()).toMatchObject({ usedCount: 0, waitingCount: 0 });
});
