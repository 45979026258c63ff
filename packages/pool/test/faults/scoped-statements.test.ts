import { waitFor } from "@openhouse/pool-testing";
import { mostRunningDuring, runningStatements } from "@openhouse/tooling/faults/observe";
import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { CommitUnknownError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { Client } from "../../src/query/client.ts";
import { settingsStatement } from "../../src/query/local-settings.ts";
import { backendPid, settled, useDatabase } from "../support/pools.ts";
import { useFreezer } from "./support/freezer.ts";
import { useOwnServer } from "./support/own-server.ts";

// The faults that concern statements which travel with their scope. What such a statement may not leave behind is in scoped-query.test.ts.
const ledger = pgTable("ledger", { id: integer().notNull(), entry: text().notNull() });
const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const over = (pool: Pool) => drizzleOverPool(() => pool, { ledger }).scoped(ACME);
const caught = (error: unknown) => error;
const UNKNOWN = { cause: expect.any(CommitUnknownError) };

beforeAll(async () => {
  await database.pool().query(`
    create table ledger (id int not null, entry text not null);
    create table told (statement text);
    create function obey() returns trigger language plpgsql as $$ begin execute new.statement; return new; end $$;
    create trigger obey before insert on told for each row execute function obey()`);
});
beforeEach(async () => {
  await database.pool().query("truncate ledger");
});

async function entries(): Promise<string[]> {
  const { rows } = await (await database.observer()).query<{ entry: string }>(
    "select entry from ledger order by entry",
  );
  return rows.map(({ entry }) => entry);
}

describe("lost in a transaction: a scoped write whose answer was lost is CommitUnknownError", () => {
  test("whether it has arrived", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    proxy.cutAfter("insert into");
    await expect(over(pool).insert(ledger).values({ id: 1, entry: "kept" })).rejects.toMatchObject(UNKNOWN);
    expect(await entries()).toEqual(["kept"]);
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ usedCount: 0, waitingCount: 0 });
  });

  test("or not", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    proxy.cutBefore("insert into");
    await expect(over(pool).insert(ledger).values({ id: 1, entry: "lost" })).rejects.toMatchObject(UNKNOWN);
    expect(await entries()).toEqual([]);
  });

  test("or the backend was terminated while it committed", async () => {
    const pool = database.pool({ max: 1 });
    const observer = await database.observer();
    await pool.query(`
      create table slow (id int);
      create function nap() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
      create constraint trigger nap after insert on slow deferrable initially deferred for each row execute function nap()`);
    const failed = over(pool).execute(sql`insert into slow values (1)`).catch(caught);
    const committing =
      "select pid from pg_stat_activity where wait_event = 'PgSleep' and query like 'insert into slow%'";
    const { pid } = await waitFor(async () => (await observer.query(committing)).rows[0], {
      what: "the commit to be under way",
    });
    await observer.query("select pg_terminate_backend($1)", [pid]);
    expect(await failed).toMatchObject({ cause: { code: "COMMIT_UNKNOWN", cause: { severity: "FATAL" } } });
  });

  test("but where the server has ended it before its end, nothing is in doubt: its own error passes", async () => {
    const pool = database.pool({ max: 1 });
    const observer = await database.observer();
    const slow = sql`insert into ledger select 1, 'lost' from pg_sleep(20)`;
    const failed = over(pool).execute(slow).catch(caught);
    const { pid } = await waitFor(
      async () =>
        (
          await observer.query(
            "select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
          )
        ).rows[0],
      { what: "the statement to be under way" },
    );
    await observer.query("select pg_terminate_backend($1)", [pid]);
    expect(await failed).toMatchObject({ cause: { severity: "FATAL", code: "57P01" } });
    expect(await entries()).toEqual([]);
  });

  test("nor of a transaction's first write, which BEGIN goes in front of: COMMIT was not sent", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    proxy.cutAfter("insert into");
    const work = over(pool).transaction((tx) => tx.insert(ledger).values({ id: 1, entry: "lost" }));
    const error = await work.catch(caught);
    expect(error).toMatchObject({ cause: { message: expect.stringMatching(/terminated|ECONNRESET/) } });
    expect(error).not.toBeInstanceOf(CommitUnknownError);
    expect(await entries()).toEqual([]);
  });

  test("nor of a select, which may be repeated by whoever knows it to be harmless", async () => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    proxy.cutAfter('from "ledger"');
    const failed = over(pool).select().from(ledger);
    await expect(failed).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/terminated|ECONNRESET/) },
    });
    expect(await over(pool).select().from(ledger)).toEqual([]);
  });

  test("nor of one that was never sent", async () => {
    const client = new Client(database.options());
    await client.connect();
    client.connection.stream.destroy();
    await new Promise((resolve) => client.once("end", resolve));
    const settings = settingsStatement(ACME) ?? { text: "", values: [] };
    const failed = client.queryAfter([settings], "insert into ledger values (1, 'never')");
    await expect(failed).rejects.toThrow(/not queryable/);
  });

  test("and a constraint that is checked at the end is its own error", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query(`create table parents (id int primary key);
      create table children (parent int references parents deferrable initially deferred)`);
    const pid = await backendPid(pool);
    const failed = over(pool).execute(sql`insert into children values (9)`);
    await expect(failed).rejects.toMatchObject({ cause: { code: "23503" } });
    expect(await backendPid(pool)).toBe(pid);
  });
});

test("returned dirty: what a holder left behind is not there for a scoped statement", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.connect();
  await client.query("begin; select set_config('app.tenant_id', 'other', false); set search_path to nowhere");
  client.release();
  await over(pool).insert(ledger).values({ id: 1, entry: "mine" });
  expect(await entries()).toEqual(["mine"]);
});

describe("statement deadline: a scoped statement that exceeds its deadline", () => {
  test("is cancelled on the server, with nothing kept, and keeps its connection", async () => {
    const pool = database.pool({ max: 1, queryTimeoutMs: 100 });
    const pid = await backendPid(pool);
    const slow = over(pool).execute(sql`insert into ledger select 1, 'lost' from pg_sleep(30)`);
    await expect(slow).rejects.toMatchObject({ cause: { code: "STATEMENT_TIMEOUT", outcomeKnown: true } });
    expect(await runningStatements(await database.observer())).toBe(0);
    expect(await entries()).toEqual([]);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("does not go on running, however many there are", async () => {
    const pool = database.pool({
      max: 2,
      maxWaiting: 100,
      connectionTimeoutMillis: 20_000,
      queryTimeoutMs: 100,
    });
    const observer = await database.observer();
    const outcomes = Promise.all(
      Array.from({ length: 20 }, () => over(pool).execute(sql`select pg_sleep(30)`).catch(caught)),
    );
    expect(await mostRunningDuring(observer, outcomes)).toBe(2);
    for (const error of await outcomes) expect(error).toMatchObject({ cause: { outcomeKnown: true } });
  });

  test("on a network gone deaf says that its outcome is unknown, as it is", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, queryTimeoutMs: 300 });
    const observer = await database.observer();
    const slow = sql`insert into ledger select 1, 'kept after all' from pg_sleep(1)`;
    const failed = over(pool).execute(slow).catch(caught);
    await waitFor(() => runningStatements(observer), { what: "the statement to run" });
    proxy.pause();
    expect(await failed).toMatchObject({ cause: { code: "STATEMENT_TIMEOUT", outcomeKnown: false } });
    await waitFor(async () => (await entries()).length === 1, { what: "the server to finish it" });
    proxy.resume();
    expect(await over(pool).select().from(ledger)).toHaveLength(1);
  });
});

describe("stale statement: names that the server no longer knows as we do", () => {
  const find = (pool: Pool) => over(pool).select({ entry: ledger.entry }).from(ledger).where(sql`id = ${1}`);
  const named = async (pool: Pool) => {
    const { rows } = await pool.query(
      "select count(*)::int as n from pg_prepared_statements where name like 'auto%'",
    );
    return rows[0]?.n;
  };
  const HEARD: [what: string, fault: string][] = [
    ["DEALLOCATE ALL", "deallocate all"],
    ["DISCARD ALL", "discard all"],
  ];
  const UNHEARD: typeof HEARD = [
    ["DEALLOCATE ALL by a trigger, of which nobody hears", "insert into told values ('deallocate all')"],
    [
      "DEALLOCATE of the settings alone by a trigger, of which nobody hears",
      `insert into told select format('deallocate %I', name) from pg_prepared_statements
        where statement like 'select 1 where (pg_catalog.set_config%'`,
    ],
  ];

  /** A pool whose connection has prepared what the tests execute, and the fault to be had. */
  async function forgetful(fault: string) {
    const pool = database.pool({ max: 1 });
    await over(pool).insert(ledger).values({ id: 1, entry: "found" });
    for (let again = 0; again < 3; again++) expect(await find(pool)).toEqual([{ entry: "found" }]);
    expect(await named(pool)).toBeGreaterThan(1);
    const forget = async () => {
      const client = await pool.connect();
      await client.query(fault);
      client.release();
    };
    return { pool, forget, pid: await backendPid(pool) };
  }

  describe.each([...HEARD, ...UNHEARD])("after %s", (_what, fault) => {
    test("a scoped statement works as before", async () => {
      const { pool, forget, pid } = await forgetful(fault);
      await forget();
      for (let again = 0; again < 3; again++) expect(await find(pool)).toEqual([{ entry: "found" }]);
      expect(await backendPid(pool)).toBe(pid);
    });

    test("so does one that its caller has named, with both names lost at once", async () => {
      const { pool, forget, pid } = await forgetful(fault);
      const prepared = over(pool).select({ entry: ledger.entry }).from(ledger).prepare("all_entries");
      for (let again = 0; again < 3; again++) expect(await prepared.execute()).toEqual([{ entry: "found" }]);
      await forget();
      for (let again = 0; again < 3; again++) expect(await prepared.execute()).toEqual([{ entry: "found" }]);
      expect(await backendPid(pool)).toBe(pid);
    });

    test("so does a scoped transaction, and what is executed in it", async () => {
      const { pool, forget, pid } = await forgetful(fault);
      const inTransaction = () =>
        over(pool).transaction(async (tx) => {
          await tx.select({ id: ledger.id }).from(ledger).where(sql`id = ${1}`);
          return await tx.select({ entry: ledger.entry }).from(ledger).where(sql`id = ${1}`);
        });
      for (let again = 0; again < 3; again++) {
        expect(await inTransaction()).toEqual([{ entry: "found" }]);
        await forget();
      }
      expect(await backendPid(pool)).toBe(pid);
    });
  });

  test.each(HEARD)("after %s, a transaction without a scope works at once", async (_what, fault) => {
    const { pool, forget, pid } = await forgetful(fault);
    await forget();
    const { db } = drizzleOverPool(() => pool, { ledger });
    const found = db.transaction((tx) =>
      tx.select({ entry: ledger.entry }).from(ledger).where(sql`id = ${1}`),
    );
    expect(await found).toEqual([{ entry: "found" }]);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("after DEALLOCATE of one name, within a transaction, that is prepared anew at once", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    const ask = () => client.query("select $1::int as n", [7]);
    for (let again = 0; again < 3; again++) await ask();
    const { rows } = await client.query("select name from pg_prepared_statements");
    await client.query("begin");
    await client.query(`deallocate "${rows[0].name}"`);
    expect((await ask()).rows).toEqual([{ n: 7 }]);
    await client.query("rollback");
    client.release();
  });

  test("after ALTER TABLE by somebody else it is prepared and described anew", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query("create table shapes (id int, shape int); insert into shapes values (1, 7)");
    const look = async () => (await over(pool).execute(sql`select * from shapes where id = ${1}`)).rows;
    for (let again = 0; again < 3; again++) expect(await look()).toEqual([{ id: 1, shape: 7 }]);
    const pid = await backendPid(pool);
    await (await database.observer()).query(
      "alter table shapes alter shape type text; alter table shapes add colour text",
    );
    for (let again = 0; again < 3; again++)
      expect(await look()).toEqual([{ id: 1, shape: "7", colour: null }]);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("a write writes once", async () => {
    const pool = database.pool({ max: 1 });
    const add = (entry: string) =>
      over(pool).execute(sql`insert into ledger values (${1}, ${entry}) returning *`);
    for (const entry of ["a", "b", "c"]) await add(entry);
    await (await database.observer()).query("alter table ledger alter entry type varchar(50)");
    await add("d");
    expect(await entries()).toEqual(["a", "b", "c", "d"]);
    await (await database.observer()).query("alter table ledger alter entry type text");
  });

  test("ALTER TABLE inside the same transaction does not break it", async () => {
    const pool = database.pool({ max: 1 });
    const look = (handle: Pick<ReturnType<typeof over>, "execute">) =>
      handle.execute(sql`select * from ledger where id = ${1}`);
    for (let again = 0; again < 3; again++) await look(over(pool));
    await over(pool).transaction(async (tx) => {
      await look(tx);
      await tx.execute(sql`alter table ledger add colour text`);
      expect((await look(tx)).fields).toHaveLength(3);
      await tx.execute(sql`alter table ledger drop colour`);
      expect((await look(tx)).fields).toHaveLength(2);
    });
  });

  test("one transaction hears of somebody else's ALTER TABLE in its second statement, and none after it, on whichever connection", async () => {
    const pool = database.pool({ max: 4 });
    const look = () =>
      over(pool).transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        const { rows } = await tx.execute(
          sql`select *, pg_sleep(0.05)::text from ledger where id <> ${1} or true`,
        );
        return rows.length;
      });
    await over(pool).insert(ledger).values({ id: 1, entry: "x" });
    for (let again = 0; again < 3; again++) await Promise.all([1, 2, 3, 4].map(look));
    await (await database.observer()).query("alter table ledger alter entry type varchar(60)");
    await expect(look()).rejects.toMatchObject({ cause: { code: "0A000" } });
    expect(await Promise.all([1, 2, 3, 4].map(look))).toEqual([1, 1, 1, 1]);
    await (await database.observer()).query("alter table ledger alter entry type text");
  });
});

test("abort: aborted by its caller it is cancelled on the server, with nothing kept and nothing leaked", async () => {
  const client = database.keep(new Client(database.options()));
  await client.connect();
  const observer = await database.observer();
  const controller = new AbortController();
  const statement = {
    text: "insert into ledger select 1, 'lost' from pg_sleep(30)",
    signal: controller.signal,
  };
  const settings = settingsStatement(ACME) ?? { text: "", values: [] };
  const failed = client.queryAfter([settings], statement).catch(caught);
  await waitFor(() => runningStatements(observer), { what: "the statement to run" });
  controller.abort();
  expect(await failed).toBe(controller.signal.reason);
  expect(await runningStatements(observer)).toBe(0);
  expect(await entries()).toEqual([]);
  expect(
    (await client.query("select nullif(current_setting('app.tenant_id', true), '') as it")).rows,
  ).toEqual([{ it: null }]);
});

describe("half open: on a silent peer", () => {
  const own = useOwnServer();
  const freeze = useFreezer();

  test("a scoped statement and a scoped BEGIN end at their deadline, and the slot comes back", async () => {
    const pool = own.pool({ max: 1, queryTimeoutMs: 200 });
    const attempts = [
      () => over(pool).execute(sql`select 1`).catch(caught),
      () =>
        over(pool)
          .transaction((tx) => tx.execute(sql`select 1`))
          .catch(caught),
    ];
    for (const attempt of attempts) {
      const pid = await backendPid(pool);
      freeze(pid);
      const error = await attempt();
      const timeout = error instanceof Error && "outcomeKnown" in error ? error : (error as Error).cause;
      expect(timeout).toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: false });
      expect(await backendPid(pool)).not.toBe(pid);
    }
  });
});
