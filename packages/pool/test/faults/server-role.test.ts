import { waitFor } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import type { Pool } from "../../src/pool.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
/** What a server that takes no writes says, said by one that does. */
const RAISE = "raise sqlstate '25006' using message = 'cannot execute INSERT in a read-only transaction'";
const REFUSED = `do $$ begin ${RAISE}; end $$`;

/** A pool with three idle connections. */
async function three(): Promise<Pool> {
  const pool = database.pool({ max: 3 });
  await Promise.all(Array.from({ length: 3 }, () => pool.query("select pg_sleep(0.05)")));
  await waitFor(() => pool.idleCount === 3, { what: "three idle connections" });
  return pool;
}

function report(client: object, parameterName: string, parameterValue: string): void {
  const { connection } = client as { connection: NodeJS.EventEmitter };
  connection.emit("parameterStatus", { parameterName, parameterValue });
}

describe("a server that takes no writes any more", () => {
  test.each<[string, (pool: Pool) => Promise<unknown>]>([
    ["a statement", (pool) => pool.query(REFUSED)],
    ["a transaction", (pool) => new ScopedPool(() => pool).transaction((tx) => tx.query(REFUSED))],
  ])("has every connection replaced by one refusal: %s", async (_what, write) => {
    const pool = await three();
    await expect(write(pool)).rejects.toMatchObject({ code: "25006" });
    await waitFor(() => pool.totalCount === 0, { what: "every connection to be gone" });
  });

  test("has them replaced once, however many are refused: the next may lead to the same server", async () => {
    const pool = await three();
    for (let refusals = 0; refusals < 5; refusals++) await pool.query(REFUSED).catch(() => {});
    await Promise.all(Array.from({ length: 3 }, () => pool.query("select pg_sleep(0.05)")));
    await pool.query(REFUSED).catch(() => {});
    await settled(pool);
    expect(pool.idleCount).toBe(2);
  });

  test("is one also for statements that stand alone, behind a transaction that was read-only by its caller's wish", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query(`create function refuse() returns void language plpgsql as $f$ begin ${RAISE}; end $f$`);
    const client = await pool.acquire();
    await client.query("begin read only");
    await client.query("commit");
    client.release();
    const [outcome] = await new ScopedPool(() => pool).batch([{ text: "select refuse()" }], {
      atomic: false,
    });
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "25006" } });
    await waitFor(() => pool.totalCount === 0, { what: "every connection to be gone" });
  });

  test("is none where the caller's own transaction, or session, was made read-only", async () => {
    const pool = await three();
    const client = await pool.connect();
    await client.query("begin read only");
    await expect(client.query("create table nothing ()")).rejects.toMatchObject({ code: "25006" });
    await client.query("rollback");
    await client.query("set default_transaction_read_only = on");
    await expect(client.query("create table nothing ()")).rejects.toMatchObject({ code: "25006" });
    await client.query("set default_transaction_read_only = off");
    client.release();
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ totalCount: 3, idleCount: 3 });
  });
});

test("a server that reports another role has every connection replaced, once", async () => {
  const pool = await three();
  const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  for (const client of clients) report(client, "in_hot_standby", "off");
  report(clients[0], "application_name", "x");
  for (const client of clients) client.release();
  await settled(pool);
  expect(pool.totalCount).toBe(3);
  const again = await Promise.all([pool.connect(), pool.connect(), pool.connect()]);
  const retired: number[] = [];
  pool.events.on("retired", ({ generation }) => retired.push(generation));
  for (const client of again) report(client, "in_hot_standby", "on");
  for (const client of again) client.release();
  await settled(pool);
  expect(pool.totalCount).toBe(0);
  expect(retired).toHaveLength(1);
});
