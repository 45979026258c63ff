import { DIRT, returnedDirty } from "@openhouse/tooling/faults/returned-dirty";
import { sql } from "drizzle-orm";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import type { Pool } from "../../src/pool.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();

beforeAll(async () => {
  await database.pool().query("create table orders (id int); create sequence numbers");
});

/** Runs `work` on the pool's one connection. @returns its backend. */
async function useConnection(pool: Pool, work: (client: pg.PoolClient) => Promise<unknown>): Promise<number> {
  const client = await pool.connect();
  const pid = await backendPid(client);
  await work(client).catch(() => {});
  client.release();
  return pid;
}

describe("a connection that comes back inside a transaction takes its work with it", () => {
  test("status T", async () => {
    const pool = database.pool({ max: 1 });
    await useConnection(pool, (client) => client.query("begin; insert into orders values (1)"));
    expect((await pool.query("insert into orders values (2) returning id")).rows).toEqual([{ id: 2 }]);
    const { rows } = await (await database.observer()).query("select id from orders");
    expect(rows).toEqual([{ id: 2 }]);
  });

  test("status E", async () => {
    const pool = database.pool({ max: 1 });
    await useConnection(pool, (client) => client.query("begin; select 1/0"));
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

describe("a session that may have changed is reset before its next use, on the same connection", () => {
  test.each(DIRT)("%s", async (...dirt) => {
    const [what, , , clean] = dirt;
    const sameBackend = what !== "a transaction"; // which costs its connection
    expect(await returnedDirty(database.ours(), dirt)).toEqual({ found: clean, sameBackend });
  });

  test("a sequence's last value", async () => {
    const pool = database.pool({ max: 1 });
    const pid = await useConnection(pool, (client) => client.query("select nextval('numbers')"));
    await expect(pool.query("select lastval()")).rejects.toMatchObject({ code: "55000" });
    expect(await backendPid(pool)).toBe(pid);
  });

  test("what a submittable has SET is undone as well", async () => {
    const pool = database.pool({ max: 1 });
    await useConnection(pool, (client) => {
      const query = client.query(new pg.Query("set search_path to nowhere"));
      return new Promise((resolve) => query.on("end", resolve));
    });
    expect((await pool.query("show search_path")).rows).toEqual([{ search_path: '"$user", public' }]);
  });

  test("and one that waits for it gets it clean", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    await client.query("set search_path to nowhere");
    const waiting = pool.query("select current_setting('search_path') as it");
    client.release();
    expect((await waiting).rows).toEqual([{ it: '"$user", public' }]);
  });

  test("what a Drizzle transaction has SET is undone as well", async () => {
    const pool = database.pool({ max: 1 });
    const { db } = drizzleOverPool(() => pool, {});
    await db.transaction((tx) => tx.execute(sql`set search_path to nowhere`));
    expect((await pool.query("select current_setting('search_path') as it")).rows).toEqual([
      { it: '"$user", public' },
    ]);
  });
});

describe("a reset holds up nobody for whom another connection is idle", () => {
  test("one that is idle is checked out at once", async () => {
    const { pool, proxy } = await database.proxied({ max: 2, min: 2 });
    await pool.warmUp();
    const changed = await pool.connect();
    await changed.query("listen news");
    const other = await pool.connect();
    other.release();
    proxy.pause();
    changed.release();
    expect(pool.getStats()).toMatchObject({ idleCount: 2, usedCount: 0, waitingCount: 0 });
    const next = await pool.acquire({ timeoutMs: 1_000 });
    expect(next).toBe(other);
    proxy.resume();
    next.release();
  });

  test("one that fails costs its connection, and whoever waits for it gets another one", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    const client = await pool.connect();
    await client.query("listen news");
    proxy.cutBefore("reset session authorization");
    client.release();
    expect((await pool.query("select 'served' as outcome")).rows).toEqual([{ outcome: "served" }]);
    expect(pool.getTotals()).toMatchObject({ created: 2, destroyed: { reset_failed: 1 } });
  });
});

describe("what looks at a new connection", () => {
  test("does so once, however often it is reset, and may refuse it", async () => {
    let looks = 0;
    const pool = database.pool({ max: 1, check: () => void looks++ });
    for (let again = 0; again < 2; again++)
      await useConnection(pool, (client) => client.query("listen news"));
    expect(looks).toBe(1);
    const refused = database.pool({ check: () => Promise.reject(new Error("not this one")) });
    await expect(refused.connect()).rejects.toThrow("not this one");
  });
});

describe("named statements stay consistent with what the server knows", () => {
  const named = { name: "one", text: "select 'ours' as whose" };
  const ours = [{ whose: "ours" }];

  test("after a connection came back that need not be reset, which keeps them", async () => {
    const pool = database.pool({ max: 1 });
    const pid = await useConnection(pool, (client) => client.query(named));
    expect((await pool.query(named)).rows).toEqual(ours);
    const { rows } = await pool.query("select name from pg_prepared_statements");
    expect(rows).toEqual([{ name: "one" }]);
    expect(await backendPid(pool)).toBe(pid);
  });

  test.each(["deallocate all", "discard all"])("after a holder's `%s`", async (forget) => {
    const pool = database.pool({ max: 1 });
    await pool.query(named);
    const pid = await useConnection(pool, (client) => client.query(forget));
    expect((await pool.query(named)).rows).toEqual(ours);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("after a trigger's PREPARE under the same name, of which the pool does not hear", async () => {
    await (await database.observer()).query(`
      create table preparing (times int);
      create function prepare_one() returns trigger language plpgsql as
        $$ begin execute 'prepare one as select ''theirs'' as whose'; return new; end $$;
      create trigger prepare_one before insert on preparing for each row execute function prepare_one()`);
    const pool = database.pool({ max: 1 });
    const pid = await useConnection(pool, (client) => client.query("insert into preparing values (1)"));
    expect((await pool.query(named)).rows).toEqual(ours);
    expect((await pool.query(named)).rows).toEqual(ours);
    expect(await backendPid(pool)).toBe(pid);
  });
});
