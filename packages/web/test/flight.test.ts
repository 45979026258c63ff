import { forTenant, getDatabaseResources, type TenantDatabase } from "@openhouse/db/client";
import { findDevelopment, listDevelopments } from "@openhouse/db/queries/developments";
import { listUnits } from "@openhouse/db/queries/units";
import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { Flight } from "../src/flight.ts";
import { HARBOUR, tenantDatabase } from "./support/tenant-database.ts";

tenantDatabase();
let harbour: TenantDatabase;

beforeEach(() => {
  harbour = forTenant(HARBOUR);
});

/** How many times a connection was taken while `work` ran. */
async function acquired(work: () => Promise<unknown>): Promise<number> {
  const { pool } = getDatabaseResources();
  if (!("getTotals" in pool)) throw new Error("only the pool counts");
  const before = pool.getTotals().acquired;
  await work();
  return pool.getTotals().acquired - before;
}

test("what is asked in the same turn takes one connection, once, and each has its own result", async () => {
  const flight = new Flight(harbour);
  const taken = await acquired(async () => {
    const later = Promise.resolve().then(() => flight.ask(listDevelopments(flight.db)));
    const nothing = flight.ask(findDevelopment(flight.db, "no UUID"));
    const [developments] = await Promise.all([later, flight.ask(listUnits(flight.db, "no UUID"))]);
    expect(developments.map(({ name }) => name)).toContain("Cooper's Quay");
    expect(await nothing).toBeNull();
  });
  expect(taken).toBe(1);
});

test("what is asked later is another flight", async () => {
  const flight = new Flight(harbour);
  const taken = await acquired(async () => {
    const [first] = await flight.ask(listDevelopments(flight.db));
    expect(await flight.ask(findDevelopment(flight.db, first?.id ?? ""))).toMatchObject({ id: first?.id });
  });
  expect(taken).toBe(2);
});

test("a query that fails takes what went with it along, and no later one", async () => {
  const flight = new Flight(harbour);
  const broken = flight.ask(harbour.execute(sql`select 1 / 0`));
  const beside = flight.ask(listDevelopments(flight.db));
  await expect(broken).rejects.toMatchObject({ code: "BATCH", index: 0, cause: { code: "22012" } });
  await expect(beside).rejects.toMatchObject({ code: "BATCH" });
  expect(await flight.ask(listDevelopments(flight.db))).not.toEqual([]);
});
