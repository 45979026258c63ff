import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import {
  BatchError,
  db,
  dbForStrangers,
  dbInBackground,
  forTenant,
  forTenantAsStranger,
  forTenantInBackground,
  getDatabaseResources,
  MisplacedStatementError,
} from "../src/client.ts";
import { developments } from "../src/schema/index.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

usePortalDatabase();
const who = sql<{
  tenant: string;
  role: string;
}>`select guard.tenant() as tenant, current_setting('app.role', true) as role`;

test.each([
  ["forTenant", forTenant],
  ["forTenantInBackground", forTenantInBackground],
  ["forTenantAsStranger", forTenantAsStranger],
])("a batch of %s is signed for its tenant, in every query", async (_name, handleFor) => {
  for (const tenant of [HARBOUR, NORTHGATE, HARBOUR]) {
    const handle = handleFor(tenant, { role: "tester" });
    const [own, first, names, last] = await handle.batch([
      handle.select().from(developments),
      handle.execute<{ tenant: string; role: string }>(who),
      handle.query.developments.findMany({ columns: { name: true } }),
      handle.execute<{ tenant: string; role: string }>(who),
    ]);
    expect(new Set(own.map(({ tenantId }) => tenantId))).toEqual(new Set([tenant]));
    expect(names).toHaveLength(own.length);
    for (const { rows } of [first, last]) expect(rows).toMatchObject([{ tenant }]);
  }
});

test("a batch without a tenant sees no tenant's rows", async () => {
  for (const handle of [db, dbInBackground, dbForStrangers]) {
    const both = await handle.batch([handle.select().from(developments), handle.select().from(developments)]);
    expect(both).toEqual([[], []]);
  }
});

test("a batch refuses another tenant's query, and nothing is sent", async () => {
  const { pool } = getDatabaseResources();
  const harbour = forTenant(HARBOUR);
  await harbour.select().from(developments);
  const before = pool.getStats();
  const mixed = harbour.batch([
    harbour.select().from(developments),
    forTenant(NORTHGATE).select().from(developments),
  ]);
  await expect(mixed).rejects.toBeInstanceOf(MisplacedStatementError);
  expect(pool.getStats()).toEqual({ ...before, answeredMsAgo: expect.any(Number) });
});

test("a batch that writes for another tenant keeps nothing, and says which query it was", async () => {
  const harbour = forTenant(HARBOUR);
  const build = (tenantId: string) =>
    harbour.insert(developments).values({ tenantId, name: "stolen", address: "none", stage: "planning" });
  const stolen = harbour.batch([build(HARBOUR), build(NORTHGATE)]);
  await expect(stolen).rejects.toBeInstanceOf(BatchError);
  await expect(stolen).rejects.toMatchObject({ index: 1, cause: { code: "42501" } });
  expect(await harbour.$count(developments, sql`name = 'stolen'`)).toBe(0);
});

test("queries that stand alone are each signed for their tenant, and one that writes for another fails alone", async () => {
  for (const tenant of [HARBOUR, NORTHGATE, HARBOUR]) {
    const handle = forTenant(tenant, { role: "tester" });
    const build = (tenantId: string) =>
      handle
        .insert(developments)
        .values({ tenantId, name: "apart", address: "none", stage: "planning" })
        .returning({ name: developments.name });
    const [own, first, stolen, kept, read] = await handle.batch(
      [
        handle.select().from(developments),
        handle.execute<{ tenant: string; role: string }>(who),
        build(tenant === HARBOUR ? NORTHGATE : HARBOUR),
        build(tenant),
        handle.select({ tenantId: developments.tenantId }).from(developments).where(sql`name = 'apart'`),
      ],
      { atomic: false },
    );
    const foreign =
      own.status === "fulfilled" ? own.value.filter(({ tenantId }) => tenantId !== tenant) : [own];
    expect(foreign).toEqual([]);
    expect(first).toMatchObject({ value: { rows: [{ tenant, role: "tester" }] } });
    expect(stolen).toMatchObject({ status: "rejected", reason: { cause: { code: "42501" } } });
    expect(kept).toMatchObject({ value: [{ name: "apart" }] });
    const tenants = read.status === "fulfilled" ? read.value.map(({ tenantId }) => tenantId) : [];
    expect(new Set(tenants)).toEqual(new Set([tenant]));
  }
});
