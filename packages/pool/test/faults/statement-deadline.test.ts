import { waitFor } from "@openhouse/pool-testing";
import { runningStatements } from "@openhouse/tooling/faults/observe";
import { statementDeadline } from "@openhouse/tooling/faults/statement-deadline";
import { sql } from "drizzle-orm";
import type pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { StatementTimeoutError } from "../../src/errors/errors.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;
const TIMED_OUT = { code: "STATEMENT_TIMEOUT" };

beforeEach(async () => {
  await database.pool().query("drop table if exists bookings; create table bookings (id int)");
});

/** @param observer given where it is asked again and again: each one is a connection. */
async function bookings(observer?: pg.Client): Promise<number[]> {
  const client = observer ?? (await database.observer());
  const { rows } = await client.query<{ id: number }>("select id from bookings order by id");
  return rows.map(({ id }) => id);
}

describe("a statement that exceeds its deadline", () => {
  test("does not go on running, and commits nothing: 30 on max 2 are never more than 2 active backends", async () => {
    expect(await statementDeadline(database.ours())).toEqual({
      told: "StatementTimeoutError",
      outcomeKnown: true,
      mostRunning: 2,
      stillRunning: 0,
      keptAfterTheError: "0 of 30",
    });
  });

  test("keeps its connection when the server has cancelled it", async () => {
    const pool = database.pool({ max: 1, queryTimeoutMs: 50 });
    const pid = await backendPid(pool);
    for (let i = 0; i < 5; i++)
      await expect(pool.query("select pg_sleep(30)")).rejects.toMatchObject(TIMED_OUT);
    expect(await backendPid(pool)).toBe(pid);
  });

  test.each<[string, boolean]>([
    ["call kept_on_its_way()", false],
    ["/* a job */ do $$ begin insert into halves values (1); commit; perform pg_sleep(30); end $$", false],
    ["begin; insert into halves values (1); commit; select pg_sleep(30)", false],
    ["insert into halves values (1); select pg_sleep(30)", true],
    ["begin; insert into halves values (1); select pg_sleep(30)", true],
    ["with one as (insert into halves values (1)) select 'a; commit' from pg_sleep(30)", true],
  ])("says what is known of `%s`: %s", async (text, outcomeKnown) => {
    const pool = database.pool({ max: 1, queryTimeoutMs: 100 });
    const observer = await database.observer();
    await observer.query(`drop table if exists halves; create table halves (id int);
      create or replace procedure kept_on_its_way() language plpgsql as $$ begin
        insert into halves values (1); commit; perform pg_sleep(30); end $$`);
    await expect(pool.query(text)).rejects.toMatchObject({ ...TIMED_OUT, outcomeKnown });
    expect((await observer.query("select from halves")).rowCount).toBe(outcomeKnown ? 0 : 1);
  });

  test("on a network gone deaf says that its outcome is unknown, soon, and gives its slot back", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, queryTimeoutMs: 300 });
    const observer = await database.observer();
    const startedAtMs = performance.now();
    const failed = pool.query("insert into bookings select 2 from pg_sleep(1)").catch(caught);
    await waitFor(() => runningStatements(observer), { what: "the statement to run" });
    proxy.pause();
    expect(await failed).toMatchObject({ ...TIMED_OUT, outcomeKnown: false });
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    // What no client can know: the server has never heard of the cancellation.
    await waitFor(async () => (await bookings(observer)).includes(2), { what: "the server to finish it" });
    proxy.resume();
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("inside a raw client's transaction takes the transaction's rows with it, whoever comes next", async () => {
    const pool = database.pool({ max: 1, queryTimeoutMs: 100 });
    const client = await pool.connect();
    await client.query("begin");
    await client.query("insert into bookings values (3)");
    await expect(client.query("select pg_sleep(30)")).rejects.toBeInstanceOf(StatementTimeoutError);
    client.release();
    await pool.query("insert into bookings values (4)");
    await pool.query("commit");
    expect(await bookings()).toEqual([4]);
  });

  test("inside a Drizzle transaction takes the transaction's rows with it, whoever comes next", async () => {
    const pool = database.pool({ max: 1, queryTimeoutMs: 100 });
    const { db } = drizzleOverPool(() => pool, {});
    const failed = db.transaction(async (tx) => {
      await tx.execute(sql`insert into bookings values (5)`);
      await tx.execute(sql`select pg_sleep(30)`);
    });
    await expect(failed).rejects.toBeInstanceOf(StatementTimeoutError);
    await db.transaction((tx) => tx.execute(sql`insert into bookings values (6)`));
    expect(await bookings()).toEqual([6]);
  });
});

test.each([Number.POSITIVE_INFINITY, 2 ** 31, 1e15])(
  "a limit of %d ms is not over at once",
  async (limitMs) => {
    const pool = database.pool({ max: 1 });
    const { rows } = await pool.query({
      text: "select 'done' as answer from pg_sleep(0.02)",
      query_timeout: limitMs,
    } as pg.QueryConfig);
    expect(rows).toEqual([{ answer: "done" }]);
    const { db } = drizzleOverPool(() => pool, {});
    const slowly = () => db.execute(sql`select 'done' as answer from pg_sleep(0.02)`);
    const [each] = await db.batch([slowly()], { atomic: false, timeoutMs: limitMs });
    expect(each).toMatchObject({ status: "fulfilled" });

    const holder = await pool.connect();
    const waiter = pool.acquire({ timeoutMs: limitMs });
    await holder.query("select pg_sleep(0.02)");
    holder.release();
    (await waiter).release();
  },
);

describe("a cancellation that is late", () => {
  const FIRST = "select pg_backend_pid() as pid from pg_sleep(0.7)";

  test("hits nobody else's statement: the connection is checked out again when it has passed", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, queryTimeoutMs: 500 });
    const observer = await database.observer();
    const first = pool.query(FIRST).catch(caught);
    await waitFor(() => runningStatements(observer), { what: "the first statement to run" });
    const second = pool.query("select 'second' as answer from pg_sleep(0.45)");
    proxy.setDelayMs(500);
    await waitFor(() => proxy.connections === 2, { what: "the cancellation's connection" });
    await observer.query("select pg_sleep(0.1)"); // its request is held back by then, and the first has not ended
    proxy.setDelayMs(0);
    await first;
    expect((await second).rows).toEqual([{ answer: "second" }]);
  });

  test("and cannot be known to have passed, costs the connection", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, queryTimeoutMs: 500 });
    const observer = await database.observer();
    await observer.query("create table held ()");
    await observer.query("begin; lock table held");
    const first = pool.query<{ pid: number }>("select pg_backend_pid() as pid, count(*) from held");
    const blocked = () =>
      observer.query("select from pg_locks where relation = 'held'::regclass and not granted");
    await waitFor(async () => (await blocked()).rowCount === 1, { what: "the first statement to wait" });
    const second = backendPid(pool);
    proxy.pause("toServer"); // the answer arrives, and the cancellation sent meanwhile does not
    await waitFor(() => proxy.connections === 2, { what: "the cancellation's connection" });
    await observer.query("commit");
    const [{ pid } = { pid: 0 }] = (await first).rows;
    proxy.resume();
    expect(await second).not.toBe(pid);
  });
});
