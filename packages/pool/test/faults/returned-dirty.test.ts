import { DIRT, returnedDirty } from "@openhouse/tooling/faults/returned-dirty";
import { sql } from "drizzle-orm";
import type pg from "pg";
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

  test("and one taken for clean work is judged too", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.acquire();
    await client.query("begin; insert into orders values (3)");
    client.release();
    await pool.query("insert into orders values (4)");
    const { rows } = await (await database.observer()).query("select id from orders where id in (3, 4)");
    expect(rows).toEqual([{ id: 4 }]);
  });
});

describe("a raw checkout is reset before its next use, on the same connection", () => {
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

describe("named statements stay consistent with what the server knows", () => {
  const named = { name: "one", text: "select 'ours' as whose" };
  const ours = [{ whose: "ours" }];

  test("after a reset, which keeps them", async () => {
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

  test("after a holder's PREPARE under the same name", async () => {
    const pool = database.pool({ max: 1 });
    const pid = await useConnection(pool, (client) =>
      client.query("prepare one as select 'theirs' as whose"),
    );
    expect((await pool.query(named)).rows).toEqual(ours);
    expect((await pool.query(named)).rows).toEqual(ours);
    expect(await backendPid(pool)).toBe(pid);
  });
});
