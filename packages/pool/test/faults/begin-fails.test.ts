import { waitFor } from "@openhouse/pool-testing";
import { beginFails } from "@openhouse/tooling/faults/begin-fails";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { TransactionOptionsError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { scoped } from "../../src/tenants.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const over = (pool: Pool) => drizzleOverPool(() => pool, {});

/** Every slot is there and may be used, all at once. */
async function expectAllSlots(pool: Pool, max: number) {
  const clients = await Promise.all(Array.from({ length: max }, () => pool.connect()));
  const answers = clients.map(async (client) => (await client.query("select 1 as one")).rows);
  expect(await Promise.all(answers)).toEqual(Array.from({ length: max }, () => [{ one: 1 }]));
  for (const client of clients) client.release();
  // One that was held for long is tested before it is idle again.
  await waitFor(() => pool.idleCount === max, { what: "every slot to be idle" });
  expect(pool.getStats()).toMatchObject({ totalCount: max, idleCount: max, usedCount: 0, waitingCount: 0 });
}

describe("the slot always comes back when BEGIN fails", () => {
  test("on a stale connection", async () => {
    expect(await beginFails(database.ours())).toEqual({ failed: 5, servedAfterwards: 5, slotsLost: 0 });
  });

  test("on a deadline", async () => {
    const { pool, proxy } = await database.proxied({
      max: 2,
      min: 2,
      queryTimeoutMs: 100,
      connectionTimeoutMillis: 3_000,
    });
    const { db } = over(pool);
    await pool.warmUp();
    proxy.pause();
    const both = await Promise.allSettled(
      [1, 2].map(() => db.transaction((tx) => tx.execute(sql`select 1`))),
    );
    for (const outcome of both) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "STATEMENT_TIMEOUT", outcomeKnown: false },
      });
    }
    proxy.resume();
    await expectAllSlots(pool, 2);
  });

  test("because a setting of its scope is refused", async () => {
    const pool = database.pool({ max: 2 });
    const { scoped } = over(pool);
    for (let i = 0; i < 5; i++) {
      const work = scoped({ "not a setting": "x" });
      const failed = work.transaction((tx) => tx.execute(sql`select 1`));
      await expect(failed).rejects.toMatchObject({ cause: { severity: "ERROR" } });
    }
    await expectAllSlots(pool, 2);
  });
});

test("a first statement that was never sent leaves the next ones within the transaction, and within its scope", async () => {
  const pool = database.pool({ max: 1 });
  await pool.query("create table orders (tenant text)");
  const boom = new Error("boom");
  const work = scoped(pool, { "app.tenant_id": "acme" }).transaction(async (client) => {
    const unsent = { text: "select 1", signal: AbortSignal.abort(new Error("given up")) };
    await expect(client.query(unsent)).rejects.toThrow("given up");
    const { rows } = await client.query(
      "insert into orders values (current_setting('app.tenant_id')) returning tenant",
    );
    expect(rows).toEqual([{ tenant: "acme" }]);
    throw boom;
  });
  await expect(work).rejects.toBe(boom);
  expect((await pool.query("select * from orders")).rows).toEqual([]);
});

describe("the level is checked before a connection is taken", () => {
  test.each([
    { isolationLevel: "snapshot" },
    { isolationLevel: "serializable; drop table notes" },
    { accessMode: "write only" },
  ])("%o", async (config) => {
    const pool = database.pool();
    const failed = over(pool).db.transaction(async () => "never", config as never);
    await expect(failed).rejects.toBeInstanceOf(TransactionOptionsError);
    expect(pool.getTotals()).toMatchObject({ acquired: 0, created: 0 });
    expect(pool.totalCount).toBe(0);
  });

  test("and one that Postgres has is passed on", async () => {
    const level = await over(database.pool()).db.transaction(
      async (tx) => (await tx.execute(sql`show transaction_isolation`)).rows,
      { isolationLevel: "serializable", accessMode: "read only", deferrable: true },
    );
    expect(level).toEqual([{ transaction_isolation: "serializable" }]);
  });
});
