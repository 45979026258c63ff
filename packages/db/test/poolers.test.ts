import { type PgBouncer, startPgBouncer } from "@openhouse/pool-testing";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  closePool,
  disconnect,
  forTenant,
  getDatabaseResources,
  healthCheck,
  withClient,
} from "../src/client.ts";
import { prepareFor } from "../src/prepare-for.ts";
import { developments } from "../src/schema/index.ts";
import { createTenantDatabase, type TenantDatabase } from "./support/database.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

let database: TenantDatabase;
let pooler: PgBouncer;

beforeAll(async () => {
  database = await createTenantDatabase();
  pooler = await startPgBouncer({ target: database.appUrl, mode: "transaction", poolSize: 3 });
});
beforeEach(() => {
  vi.stubEnv("DATABASE_URL", pooler.through(database.appUrl));
  vi.stubEnv("TENANT_TOKEN_BINDING", "none");
  vi.stubEnv("DB_POOL_MAX", "6");
});
afterEach(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await pooler.stop();
  await database.drop();
});

const setting = "select set_config('work_mem', '5MB', false)";
const shown = "select current_setting('work_mem') as work_mem";

test("a pooler is found by the check of the role, and the health report tells of it", async () => {
  await expect(withClient((client) => client.query(setting))).rejects.toMatchObject({
    code: "SESSION_REQUIRED",
  });
  expect(await healthCheck()).toMatchObject({ status: "healthy", behindPooler: true });
});

test("withClient has a session of its own at DATABASE_URL_DIRECT", async () => {
  vi.stubEnv("DATABASE_URL_DIRECT", database.appUrl);
  const seen = await withClient(async (client) => {
    await client.query(setting);
    await client.query("listen news");
    return (await client.query(shown)).rows;
  });
  expect(seen).toEqual([{ work_mem: "5MB" }]);
  expect(getDatabaseResources().pool.getStats().totalCount).toBeLessThanOrEqual(2); // the minimum that was warmed up
  expect((await withClient((client) => client.query(shown))).rows).not.toEqual(seen);
  await closePool({ timeoutMs: 1_000 });
});

test("withClient runs in one transaction where it needs no session", async () => {
  const seen = await withClient(
    async (client) => {
      await client.query("select set_config('work_mem', '6MB', true)");
      return (await client.query(`${shown}, pg_current_xact_id() as xid`)).rows[0];
    },
    { session: false },
  );
  expect(seen).toMatchObject({ work_mem: "6MB" });
  const failed = withClient(
    async (client) => {
      await client.query("select 1/0").catch(() => {});
    },
    { session: false },
  );
  await expect(failed).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
  await expect(
    withClient((client) => client.query("set work_mem = '7MB'"), { session: false }),
  ).rejects.toMatchObject({ code: "SESSION_REQUIRED" });
});

test("tenants see their own rows through it, by single statements, batches and prepared queries at once", async () => {
  const all = prepareFor((db) =>
    db
      .select({ tenantId: developments.tenantId })
      .from(developments)
      .where(eq(sql`1`, sql.placeholder("one"))),
  );
  const ask = async (tenantId: string) => {
    const tenant = forTenant(tenantId);
    const list = () => tenant.select({ tenantId: developments.tenantId }).from(developments);
    const [single, prepared, batch] = await Promise.all([
      list(),
      all(tenant, { one: 1 }),
      tenant.batch([list(), list()]),
    ]);
    const rows = [...single, ...prepared, ...batch.flat()];
    return rows.length > 0 && rows.every((row) => row.tenantId === tenantId);
  };
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => ask(index % 2 === 0 ? HARBOUR : NORTHGATE)),
  );
  expect(outcomes).toEqual(outcomes.map(() => true));
});
