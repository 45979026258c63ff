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
    const client = await pool.acquire({ clean: true });
    await client.query("begin; insert into orders values (3)");
    client.release();
    await pool.query("insert into orders values (4)");
    const { rows } = await (await database.observer()).query("select id from orders where id in (3, 4)");
    expect(rows).toEqual([{ id: 4 }]);
  });
});

describe("a raw checkout is reset before its next use, on the same connection", () => {
  const DIRT: [what: string, dirty: string, look: string, clean: unknown][] = [
    ["SET", "set statement_timeout = 4321", "select current_setting('statement_timeout') as it", "0"],
    [
      "search_path",
      "set search_path to nowhere",
      `select current_setting('search_path') as it`,
      '"$user", public',
    ],
    [
      "a tenant",
      "select set_config('app.tenant_id', 'acme', false)",
      "select nullif(current_setting('app.tenant_id', true), '') as it",
      null,
    ],
    ["a role", "set role pg_monitor", "select current_user = session_user as it", true],
    [
      "session authorization",
      "create role borrowed; set session authorization borrowed",
      "select session_user <> 'borrowed' as it",
      true,
    ],
    ["LISTEN", "listen news", "select count(*)::int as it from pg_listening_channels()", 0],
    [
      "an advisory lock",
      "select pg_advisory_lock(42)",
      "select count(*)::int as it from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
      0,
    ],
    [
      "a temporary table",
      "create temp table scratch (id int)",
      "select to_regclass('scratch')::text as it",
      null,
    ],
    [
      "a cursor",
      "begin; declare forgotten cursor with hold for select 1; commit",
      "select count(*)::int as it from pg_cursors",
      0,
    ],
  ];

  test.each(DIRT)("%s", async (_what, dirty, look, clean) => {
    const pool = database.pool({ max: 1 });
    const pid = await useConnection(pool, (client) => client.query(dirty));
    expect((await pool.query(look)).rows).toEqual([{ it: clean }]);
    expect(await backendPid(pool)).toBe(pid);
    await pool.query("drop role if exists borrowed");
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
