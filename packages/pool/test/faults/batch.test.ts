import { waitFor } from "@openhouse/pool-testing";
import { beforeEach, describe, expect, test } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import type { BatchQueries } from "../../src/drizzle/batch.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { CommitUnknownError, StatementTimeoutError } from "../../src/errors/errors.ts";
import { RetryBudget, withRetry } from "../../src/retry.ts";
import { scoped } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { backendPid, settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const IDS = "select id from notes order by id";
const add = (id: number) => ({ text: "insert into notes values ($1, 'new') returning id", values: [id] });
const caught = (error: unknown) => error;

beforeEach(async () => {
  await database
    .pool()
    .query(
      "drop table if exists notes; create table notes (id int primary key, body text); insert into notes values (1, 'first')",
    );
});

async function ids(): Promise<number[]> {
  const { rows } = await (await database.observer()).query(IDS);
  return rows.map(({ id }) => id);
}

async function unscoped(options: PoolOptions = {}) {
  const { pool, proxy } = await database.proxied({ max: 1, ...options });
  return { pool, proxy, db: new ScopedPool(() => pool) };
}

const WRITES = [add(2), "select 'in the middle' as it", add(3)];
const READS = [IDS, "select 'in the middle' as it", IDS];
const OPTIONS = [{}, { isolationLevel: "serializable" }] as const;

describe.each(OPTIONS)("a connection that is lost, with %o", (options) => {
  test("before the batch has arrived: in doubt, as nobody can tell, and nothing is kept", async () => {
    const { pool, proxy, db } = await unscoped();
    await pool.query("select 1");
    proxy.cutBefore("in the middle");
    await expect(db.batch(WRITES, options)).rejects.toBeInstanceOf(CommitUnknownError);
    expect(await ids()).toEqual([1]);
    expect((await db.batch(WRITES, options))[2]?.rows).toEqual([{ id: 3 }]);
  });

  test("with the answer on its way: in doubt, and all of it is kept", async () => {
    const { pool, proxy, db } = await unscoped();
    await pool.query("select 1");
    proxy.cutAfter("in the middle");
    await expect(db.batch(WRITES, options)).rejects.toBeInstanceOf(CommitUnknownError);
    await waitFor(async () => (await ids()).length === 3, { what: "the server to commit" });
  });

  test("with reads alone: an error of the connection, and no doubt", async () => {
    const { pool, proxy, db } = await unscoped();
    await pool.query("select 1");
    proxy.cutAfter("in the middle");
    const lost = await db.batch(READS, options).catch(caught);
    expect(lost).toBeInstanceOf(Error);
    expect(lost).not.toBeInstanceOf(CommitUnknownError);
    expect((await db.batch(READS, options))[0]?.rows).toEqual([{ id: 1 }]);
  });

  test("because the backend was ended in the middle: the server's last word, and nothing is kept", async () => {
    const pool = database.pool({ max: 1 });
    const db = new ScopedPool(() => pool);
    const pid = await backendPid(pool);
    const observer = await database.observer();
    const ended = db.batch([add(2), "select pg_sleep(30)", add(3)], options).catch(caught);
    await runs(observer, "pg_sleep");
    await observer.query("select pg_terminate_backend($1)", [pid]);
    expect(await ended).toMatchObject({ code: "57P01" });
    expect(await ids()).toEqual([1]);
  });
});

async function runs(observer: Awaited<ReturnType<typeof database.observer>>, text: string): Promise<void> {
  const isRunning = async () => {
    const { rowCount } = await observer.query(
      `select from pg_stat_activity
        where state = 'active' and datname = current_database() and pid <> pg_backend_pid() and query like $1`,
      [`%${text}%`],
    );
    return rowCount === 1;
  };
  await waitFor(isRunning, { what: `${text} to run` });
}

describe.each(OPTIONS)("with %o", (options) => {
  test("a deadline is the whole batch's: what runs is cancelled, nothing is kept, and the connection stays", async () => {
    const { pool, db } = await unscoped();
    const pid = await backendPid(pool);
    const late = db.batch([add(2), "select pg_sleep(0.4)", "select pg_sleep(0.4)", add(3)], {
      ...options,
      timeoutMs: 600,
    });
    await expect(late).rejects.toBeInstanceOf(StatementTimeoutError);
    await expect(late).rejects.toMatchObject({ outcomeKnown: true });
    expect(await ids()).toEqual([1]);
    await settled(pool);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("a signal ends the whole batch, whether it waits or runs", async () => {
    const { pool, db } = await unscoped();
    const pid = await backendPid(pool);
    const observer = await database.observer();
    for (const when of ["at once", "while it runs"]) {
      const controller = new AbortController();
      const reason = new Error("changed my mind");
      if (when === "at once") controller.abort(reason);
      const ended = db
        .batch([add(2), "select pg_sleep(30)"], { ...options, signal: controller.signal })
        .catch(caught);
      if (when === "while it runs") {
        await runs(observer, "pg_sleep");
        controller.abort(reason);
      }
      expect(await ended).toBe(reason);
    }
    expect(await ids()).toEqual([1]);
    await settled(pool);
    expect(await backendPid(pool)).toBe(pid);
  });

  test.each([
    ["ALTER TABLE by somebody else", "alter table notes add column more int"],
    ["a table that was made anew", "drop table notes; create table notes (id int primary key, body text)"],
  ])("%s: the whole is run again, once, and each statement has run once", async (_what, change) => {
    const pool = database.pool({ max: 1 });
    const acme = scoped(pool, ACME);
    const all = { text: "select * from notes where id > $1 order by id", values: [1] };
    const batch = (id: number) => acme.batch([add(id), all, add(id + 1)], options);
    for (const id of [10, 20, 30]) await batch(id);
    const pid = await backendPid(pool);
    await (await database.observer()).query(change);
    const results = await batch(40);
    expect(results[1]?.rows.at(-1)).toMatchObject({ id: 40 });
    expect((await ids()).filter((id) => id >= 40)).toEqual([40, 41]);
    expect(await backendPid(pool)).toBe(pid);
    await batch(50);
  });

  test("names that the server has forgotten: the whole is run again, once", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query("create or replace function forget() returns void language sql as 'deallocate all'");
    const acme = scoped(pool, ACME);
    for (const id of [10, 20, 30]) await acme.batch([IDS, add(id)], options);
    const client = await pool.connect();
    // Not by a statement of its own, whose answer would tell.
    await client.query("do $$ begin execute 'deallocate all'; end $$");
    client.release();
    await acme.batch([IDS, add(40)], options);
    expect(await ids()).toEqual([1, 10, 20, 30, 40]);
  });
});

describe("a transaction's batch", () => {
  const write = (tx: { execute(query: string): object }) =>
    [
      tx.execute("insert into notes values (2, 'new')"),
      tx.execute("select 'in the middle' as it"),
    ] as BatchQueries;

  test("whose connection is lost is in no doubt, as nothing was committed", async () => {
    const { pool, proxy } = await unscoped();
    const { db } = drizzleOverPool(() => pool, {});
    for (const begins of [true, false]) {
      proxy.cutAfter("in the middle");
      const lost = await db
        .transaction(async (tx) => {
          if (!begins) await tx.execute("select 1");
          await tx.batch(write(tx));
        })
        .catch(caught);
      expect(lost).toBeInstanceOf(Error);
      expect(lost).not.toBeInstanceOf(CommitUnknownError);
    }
    expect(await ids()).toEqual([1]);
  });

  test("has one deadline, which ends the transaction, and the connection stays", async () => {
    const { pool } = await unscoped();
    const { db } = drizzleOverPool(() => pool, {});
    const pid = await backendPid(pool);
    const late = db.transaction(async (tx) => {
      await tx.batch([...write(tx), tx.execute("select pg_sleep(30)")], { timeoutMs: 200 });
    });
    await expect(late).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: true });
    expect(await ids()).toEqual([1]);
    await settled(pool);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("that begins it is run again, once, where a name is stale", async () => {
    const pool = database.pool({ max: 1 });
    const { scoped } = drizzleOverPool(() => pool, {});
    const acme = scoped(ACME);
    const all = () =>
      acme.transaction(
        async (tx) => (await tx.batch([tx.execute("select * from notes where id > 0"), ...write(tx)]))[0],
      );
    const observer = await database.observer();
    for (let again = 0; again < 3; again++) {
      await all();
      await observer.query("delete from notes where id = 2");
    }
    await observer.query("alter table notes add column more int");
    expect((await all())?.rows).toEqual([{ id: 1, body: "first", more: null }]);
    expect(await ids()).toEqual([1, 2]);
  });
});

test("a batch that lost to another transaction may be tried again, as nothing of it is kept", async () => {
  const pool = database.pool({ max: 1 });
  await pool.query(
    "create or replace function lose() returns int language plpgsql as $$ begin raise 'lost' using errcode = '40001'; end $$",
  );
  const db = new ScopedPool(() => pool);
  let runs = 0;
  const work = () => {
    runs++;
    return db.batch([add(1 + runs), runs < 3 ? "select lose()" : IDS]);
  };
  const results = await withRetry(work, new RetryBudget(), { attempts: 3 });
  expect(results[1]?.rows).toEqual([{ id: 1 }, { id: 4 }]);
});

test("a batch that may have been kept is not tried again", async () => {
  const { pool, proxy, db } = await unscoped();
  await pool.query("select 1");
  proxy.cutAfter("in the middle");
  let runs = 0;
  const work = () => {
    runs++;
    return db.batch(WRITES);
  };
  await expect(withRetry(work, new RetryBudget(), { attempts: 3 })).rejects.toBeInstanceOf(
    CommitUnknownError,
  );
  expect(runs).toBe(1);
});

test("a statement that sets something for its session has that reset before the next holder", async () => {
  const pool = database.pool({ max: 1 });
  const db = new ScopedPool(() => pool);
  await db.batch([IDS, "select set_config('app.mark', 'left', false)", IDS]);
  expect((await pool.query("select nullif(current_setting('app.mark', true), '') as it")).rows).toEqual([
    { it: null },
  ]);
});
