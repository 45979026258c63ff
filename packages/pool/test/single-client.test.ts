import { EventEmitter, once } from "node:events";
import { inspect } from "node:util";
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { AcquireTimeoutError, PoolClosedError, PoolSaturatedError } from "../src/errors/errors.ts";
import { SingleClientPool } from "../src/single-client-pool.ts";
import { backendPid, useDatabase } from "./support/pools.ts";

const database = useDatabase();
const single = (options: PoolOptions = {}) =>
  database.keep(new SingleClientPool({ ...database.options(), ...options }));

test("serves everybody over one connection, one after the other", async () => {
  const pool = single();
  const pids = await Promise.all(Array.from({ length: 20 }, () => backendPid(pool)));
  expect(new Set(pids).size).toBe(1);
  expect(pool.getStats()).toMatchObject({
    totalCount: 1,
    idleCount: 1,
    waitingCount: 0,
    usedCount: 0,
    max: 1,
    min: 0,
  });
});

test("a transaction has the client for itself: others wait until its end", async () => {
  const pool = single();
  const { db } = drizzleOverPool(() => pool, {});
  await db.execute(sql`create table if not exists steps (id serial, what text)`);
  const turns = new EventEmitter();
  const begun = once(turns, "begun");
  const transaction = db.transaction(async (tx) => {
    await tx.execute(sql`insert into steps (what) values ('inside')`);
    const goOn = once(turns, "go on");
    turns.emit("begun");
    await goOn;
    throw new Error("rolled back");
  });
  await begun;
  const outside = pool.query("insert into steps (what) values ('outside')");
  await waitFor(() => pool.waitingCount === 1, { what: "the other statement to wait" });
  turns.emit("go on");
  await expect(transaction).rejects.toThrow("rolled back");
  await outside;
  expect((await db.execute(sql`select what from steps`)).rows).toEqual([{ what: "outside" }]);
});

describe("connects again", () => {
  test("after its backend was terminated while idle", async () => {
    const pool = single();
    const observer = await database.observer();
    await observer.query("select pg_terminate_backend($1)", [await backendPid(pool)]);
    await waitFor(() => pool.totalCount === 0, { what: "the loss to be noticed" });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("after its backend was terminated by the statement itself", async () => {
    const pool = single();
    await expect(pool.query("select pg_terminate_backend(pg_backend_pid())")).rejects.toMatchObject({
      code: "57P01",
    });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("after connecting had failed", async () => {
    const { proxy } = await database.proxied();
    const pool = single({ host: "127.0.0.1", port: proxy.port });
    await proxy.refuse();
    await expect(pool.query("select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await proxy.accept();
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

test("keeps its connection after an ordinary error, and gives up one that came back inside a transaction", async () => {
  const pool = single();
  const pid = await backendPid(pool);
  await expect(pool.query("select 1/0")).rejects.toMatchObject({ code: "22012" });
  expect(await backendPid(pool)).toBe(pid);
  const client = await pool.connect();
  await client.query("begin");
  client.release();
  expect(await backendPid(pool)).not.toBe(pid);
});

test("waiting ends at the deadline, and the place in the queue with it", async () => {
  const pool = single({ connectionTimeoutMillis: 50 });
  const client = await waitFor(() => pool.connect(), { what: "the connection, which may take longer" });
  await expect(pool.query("select 1")).rejects.toBeInstanceOf(AcquireTimeoutError);
  expect(pool.waitingCount).toBe(0);
  client.release();
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});

test("waiting is refused at once when the queue is full", async () => {
  const pool = single({ maxWaiting: 1 });
  const client = await pool.connect();
  const waiting = pool.query("select 1");
  await expect(pool.query("select 1")).rejects.toBeInstanceOf(PoolSaturatedError);
  client.release();
  await waiting;
});

describe("end", () => {
  test("lets the borrower finish, serves the queue, refuses newcomers", async () => {
    const pool = single();
    const client = await pool.connect();
    const queued = pool.query("select 'served' as outcome");
    const ended = pool.end();
    await expect(pool.connect()).rejects.toBeInstanceOf(PoolClosedError);
    client.release();
    expect((await queued).rows).toEqual([{ outcome: "served" }]);
    await ended;
    expect(pool.totalCount).toBe(0);
  });

  test("cuts the connection at the deadline and rejects the queue", async () => {
    const pool = single();
    const client = await pool.connect();
    const running = client.query("select pg_sleep(1)").catch((error) => error);
    const queued = pool.query("select 1").catch((error) => error);
    await pool.end({ timeoutMs: 50 });
    expect(await queued).toBeInstanceOf(PoolClosedError);
    expect(await running).toBeInstanceOf(Error);
  });
});

test("shows no secret in a dump", () => {
  const pool = single();
  const { password } = database.options();
  expect(inspect(pool, { depth: 10 }) + JSON.stringify(pool) + inspect(pool.options)).not.toContain(password);
});
