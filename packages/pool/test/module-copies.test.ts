import { integer, pgTable } from "drizzle-orm/pg-core";
import { expect, test, vi } from "vitest";
import type { drizzleOverPool } from "../src/drizzle.ts";
import * as here from "../src/index.ts";
import { keepLines } from "./support/log-lines.ts";
import { backendPid, useDatabase } from "./support/pools.ts";

// Next.js bundles a module into several graphs: the pool of one is used by the Drizzle of another.
const database = useDatabase();

async function anotherCopy(): Promise<typeof here & { drizzleOverPool: typeof drizzleOverPool }> {
  vi.resetModules();
  const copy = { ...(await import("../src/index.ts")), ...(await import("../src/drizzle.ts")) };
  expect(copy.Pool).not.toBe(here.Pool);
  return copy;
}

test("classes keep the names that Drizzle and others look for, whatever a minifier calls them", () => {
  // A static field can be written; the name that a compiler gives a class cannot.
  for (const [name, Class] of Object.entries({ Pool: here.Pool, SingleClientPool: here.SingleClientPool }))
    expect(Object.getOwnPropertyDescriptor(Class, "name")).toMatchObject({ value: name, writable: true });
});

test("an error is told by its class, whichever copy has thrown it", async () => {
  const copy = await anotherCopy();
  const error: unknown = new copy.PoolClosedError("closed");
  expect(error).toBeInstanceOf(here.PoolClosedError);
  expect(error).toBeInstanceOf(copy.PoolClosedError);
  expect(error).not.toBeInstanceOf(here.PoolSaturatedError);
  expect(error).toMatchObject({ name: "PoolClosedError", code: "POOL_CLOSED" });
  expect(Object.assign(new Error("a driver's"), { code: "POOL_CLOSED" })).not.toBeInstanceOf(
    here.PoolClosedError,
  );
});

test("a lost COMMIT is told by its class, and a slow statement by its place", async () => {
  const copy = await anotherCopy();
  const { lines, logger } = keepLines();
  const { pool, proxy } = await database.proxied({ slowQueryMs: 20, logger });
  const { db } = copy.drizzleOverPool(() => pool, {});
  await db.execute("select pg_sleep(0.05)");
  const slow = lines.find(({ event }) => event === "db.query.slow");
  expect(slow?.fields.callSite).toContain("module-copies.test.ts");
  proxy.cutBefore("commit");
  const work = db.transaction((tx) => tx.execute("select 1"));
  await expect(work).rejects.toBeInstanceOf(here.CommitUnknownError);
});

test("a connection that Drizzle's transaction has touched is prepared again", async () => {
  const copy = await anotherCopy();
  const pool = database.pool({ max: 1, onConnect: (client) => client.query("set work_mem = '7MB'") });
  const { db } = copy.drizzleOverPool(() => pool, {});
  const pid = await backendPid(pool);
  await db.transaction(async (tx) => void (await tx.execute("set work_mem = '9MB'")));
  expect((await pool.query("show work_mem")).rows).toEqual([{ work_mem: "7MB" }]);
  expect(await backendPid(pool)).toBe(pid);
});

test("a scoped statement that went stale is prepared anew", async () => {
  const copy = await anotherCopy();
  const pool = database.pool({ max: 1 });
  await pool.query("create table stale (id int)");
  const scoped = copy.drizzleOverPool(() => pool, {}).scoped({ "app.tenant_id": "t" });
  const prepared = scoped
    .select()
    .from(pgTable("stale", { id: integer() }))
    .prepare("stale");
  await prepared.execute();
  await pool.query("alter table stale alter column id type bigint");
  expect(await prepared.execute()).toEqual([]);
});
