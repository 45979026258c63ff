import { sql } from "drizzle-orm";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import type { Pool } from "../src/pool.ts";
import { Client } from "../src/query/client.ts";
import { StatementNames } from "../src/query/statement-names.ts";
import { hasInertLiterals } from "../src/sql/inert-literals.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** The value of the only column of the only row. */
async function onlyValue(queryable: Queryable, text: string, values: unknown[] = [1]): Promise<unknown> {
  const { rows } = await queryable.query(text, values);
  expect(rows).toHaveLength(1);
  return Object.values(rows[0] as object)[0];
}

/** Makes tables anew, on a connection that is not the pool's. */
async function given(text: string): Promise<Client> {
  const observer = await database.observer();
  await observer.query(
    `drop schema if exists mine, theirs cascade; drop table if exists public.prices, public.cfg, public.slots; ${text}`,
  );
  return observer;
}

/** As often as it takes to be executed by its name. */
async function execute(pool: Queryable, text: string, values: unknown[] = [1]): Promise<void> {
  for (let again = 0; again < 3; again++) await pool.query(text, values);
}

describe("a literal", () => {
  test("that is the present is the present at every execution", async () => {
    const pool = database.pool({ max: 1 });
    const isPresent = "select 'now'::timestamptz = now() and 'today'::date = current_date and $1::int = 1";
    for (let again = 0; again < 4; again++) expect(await onlyValue(pool, isPresent)).toBe(true);
  });

  test("without a zone is read in the zone of the transaction that it is executed in", async () => {
    const pool = database.pool({ max: 1 });
    const hour = "select extract(hour from '2024-01-01 12:00'::timestamptz at time zone 'UTC')::int + $1";
    await pool.query("select 1");
    for (let again = 0; again < 3; again++) {
      const client = await pool.connect();
      const hours: unknown[] = [];
      for (const zone of ["UTC", "Asia/Tokyo"]) {
        await client.query("begin");
        await client.query(`set local timezone = '${zone}'`);
        hours.push(await onlyValue(client, hour, [0]));
        await client.query("commit");
      }
      expect(hours).toEqual([12, 3]);
      client.release();
    }
  });

  test.each([
    ["select $1::int", true],
    ["select coalesce(json_agg(x), '[]'::json) from x where id = $1", true],
    ["select '', '{}', \"it's\" from x -- it's", true],
    ["select 'a'::text, 'b' :: varchar(3), '1'::int, '{1}'::int[]", true],
    ["select now() - interval '7 days', '1 hour'::interval", true],
    ["select 'now'::text::timestamptz", true],
    ["select 'now'", false],
    ["select 'a' = x", false],
    ["select timestamp 'now'", false],
    ["select interval '-1 day', '-1 day'::interval", false],
    ["select interval '-1 day'", false],
    ["select 'prices'::regclass", false],
    ["select ''::regclass", false],
    ["select $$now$$::timestamptz", false],
    ["select $tag$now$tag$", false],
    ["select E'now'", false],
    ["select U&'now'", false],
    ["select '' \n 'now'", false],
    ["select 'unterminated", false],
    ["select '[]'::", false],
  ])("may be in a statement with a name, or not: %s", (text, isInert) => {
    expect(hasInertLiterals(text)).toBe(isInert);
  });
});

describe("a name means the tables that its text would mean", () => {
  test("after a temporary table was made, until its holder is gone", async () => {
    const observer = await given("create table prices (v text); insert into prices values ('permanent')");
    const pool = database.pool({ max: 1 });
    const change = "update prices set v = $1";
    const keep = { name: "keep", text: "select v from prices where v <> $1", values: [""] };
    await execute(pool, change, ["permanent"]);
    await pool.query(keep);
    for (let again = 0; again < 3; again++) {
      const client = await pool.connect();
      expect((await client.query(keep)).rows).toEqual([{ v: "permanent" }]);
      await client.query("create temp table prices as select v from public.prices");
      await client.query(change, ["temporary"]);
      expect((await client.query(keep)).rows).toEqual([{ v: "temporary" }]);
      client.release();
      expect(await onlyValue(observer, "select v from prices", [])).toBe("permanent");
      await pool.query(change, ["permanent"]);
    }
  });

  test("after a search_path was set, for the session or for a transaction", async () => {
    await given(`create schema mine; create schema theirs;
      create table mine.cfg (id int, v text); insert into mine.cfg values (1, 'mine');
      create table theirs.cfg (id text, v int); insert into theirs.cfg values ('1', 7)`);
    const pool = database.pool({ max: 1, options: "-c search_path=mine" });
    const read = "select v from cfg where id = $1";
    await execute(pool, read);
    const client = await pool.connect();
    await client.query("begin");
    await client.query("set local search_path = theirs");
    expect(await onlyValue(client, read, ["1"])).toBe(7);
    await client.query("commit");
    expect(await onlyValue(client, read)).toBe("mine");
    await client.query("set search_path = theirs");
    expect(await onlyValue(client, read, ["1"])).toBe(7);
    client.release();
    expect(await onlyValue(pool, read)).toBe("mine");
  });

  test("in a scope that has a search_path", async () => {
    await given(`create schema mine; create schema theirs;
      create table mine.cfg (id int, v text); insert into mine.cfg values (1, 'mine');
      create table theirs.cfg (id int, v text, more text); insert into theirs.cfg values (1, 'theirs', 'more')`);
    const { scoped } = drizzleOverPool(() => pool, {});
    const pool = database.pool({ max: 1 });
    for (const path of ["mine", "theirs", "mine", "theirs", "mine", "theirs"]) {
      const scope = scoped({ search_path: path });
      const read = sql`select * from cfg where id = ${1}`;
      const expected = path === "mine" ? [{ id: 1, v: "mine" }] : [{ id: 1, v: "theirs", more: "more" }];
      await scope.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        for (let again = 0; again < 2; again++) expect((await tx.execute(read)).rows).toEqual(expected);
      });
      expect((await scope.execute(read)).rows).toEqual(expected);
    }
  });

  test.each([
    "create table mine.cfg as select 1 as id, 'mine'::text as v",
    "select 1 as id, 'mine'::text as v into mine.cfg",
    "create view mine.cfg as select 1 as id, 'mine'::text as v",
    "do $$ begin create view mine.cfg as select 1 as id, 'mine'::text as v; end $$",
  ])("after the pool has made one that comes first: %s", async (make) => {
    await given(
      `create schema mine; create table cfg (id int, v text); insert into cfg values (1, 'public')`,
    );
    const pool = database.pool({ max: 2, options: "-c search_path=mine,public" });
    const read = "select v from cfg where id = $1";
    const [maker, reader] = await Promise.all([pool.connect(), pool.connect()]);
    await execute(reader, read);
    await maker.query("begin");
    await maker.query(make);
    expect(await onlyValue(reader, read)).toBe("public"); // and is prepared once more before the other one is there
    await maker.query("commit");
    expect(await onlyValue(reader, read)).toBe("mine");
    maker.release();
    reader.release();
  });

  test("of a caller's, where the server reads no more than what it shares with another", async () => {
    const observer = await given("create table prices (id int); insert into prices values (1), (2), (3)");
    const pool = database.pool({ max: 1 });
    const prefix = "é".repeat(40);
    const read = { name: `${prefix}read`, text: "select id from prices where id = $1", values: [3] };
    const remove = {
      name: `${prefix}remove`,
      text: "delete from prices where id = $1 returning id",
      values: [2],
    };
    for (const statement of [read, remove, read, read]) await pool.query(statement);
    expect((await observer.query("select id from prices order by id")).rows).toEqual([{ id: 1 }, { id: 3 }]);
  });
});

describe("after somebody else's migration", () => {
  const read = "select v from cfg where id = $1";

  async function migrated(pool: Pool, text = read): Promise<void> {
    const observer = await given("create table cfg (id int, v text)");
    await execute(pool, text);
    await observer.query("alter table cfg alter id type bigint; insert into cfg values (3000000000, 'big')");
  }

  test("a parameter has the type that its column has, on every connection, at once", async () => {
    const pool = database.pool({ max: 2 });
    const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
    const observer = await given("create table cfg (id int, v text)");
    const insert = "insert into cfg (id) values ($1)";
    for (const client of [one, other]) await execute(client, insert);
    await observer.query("alter table cfg alter id type bigint");
    await one.query(insert, [3_000_000_000]);
    // Within a transaction nothing could be mended: it goes by what was found on the other one.
    await other.query("begin");
    await other.query(insert, [3_000_000_000]);
    await other.query("commit");
    for (const client of [one, other]) client.release();
    expect(await onlyValue(observer, "select count(*)::int from cfg where id > 3", [])).toBe(2);
  });

  test.each<[string, string, string, string, unknown]>([
    [
      "cannot be converted",
      "create table slots (at timestamp)",
      "select coalesce(at, $1) from slots",
      "alter table slots alter at type time using at::time; insert into slots values ('10:00')",
      "2026-01-01 11:00",
    ],
    [
      "is of a domain that no longer allows its value",
      "create domain small as int; create table slots (n small)",
      "insert into slots values ($1)",
      "alter table slots alter n type int; delete from slots; alter domain small add check (value < 5)",
      7,
    ],
    [
      "is of a domain that no longer allows null",
      "create domain known as int; create table slots (n known)",
      "insert into slots values ($1)",
      "alter table slots alter n type int; delete from slots; alter domain known set not null",
      null,
    ],
  ])("a parameter that %s has the column's type", async (_what, create, text, migration, value) => {
    const observer = await given(create);
    const pool = database.pool({ max: 1 });
    for (let executions = 0; executions < 3; executions++) await pool.query(text, [value]);
    await observer.query(migration);
    expect((await pool.query(text, [value])).rowCount).toBe(1);
  });

  test("within a transaction the error passes, and the next one works", async () => {
    const pool = database.pool({ max: 1 });
    await migrated(pool);
    const client = await pool.connect();
    await client.query("begin");
    await client.query("select 1");
    await expect(client.query(read, [3_000_000_000])).rejects.toMatchObject({ code: "22003" });
    await client.query("rollback");
    await client.query("begin");
    await client.query("select 1");
    expect(await onlyValue(client, read, [3_000_000_000])).toBe("big");
    await client.query("commit");
    client.release();
  });

  test("a transaction's first statement is prepared anew", async () => {
    const pool = database.pool({ max: 1 });
    const { db } = drizzleOverPool(() => pool, {});
    const first = (id: number) => db.transaction((tx) => tx.execute(sql`select v from cfg where id = ${id}`));
    await given("create table cfg (id int, v text)");
    for (let again = 0; again < 3; again++) await first(1);
    await migrated(pool);
    expect((await first(3_000_000_000)).rows).toEqual([{ v: "big" }]);
  });

  test("a type that was dropped and made anew is the new one, and a transaction fails once at most", async () => {
    const pool = database.pool({ max: 1 });
    const read = "select $1::mood::text as mood";
    const observer = await given("drop type if exists mood; create type mood as enum ('calm')");
    const made = "drop type mood; create type mood as enum ('calm', 'glad')";
    const client = await pool.connect();
    await execute(client, read, ["calm"]);
    await observer.query(made);
    expect(await onlyValue(client, read, ["glad"])).toBe("glad");
    await execute(client, read, ["calm"]);
    await observer.query(made);
    const inTransaction = async () => {
      await client.query("begin");
      await client.query("select 1");
      return await onlyValue(client, read, ["glad"]).finally(() => client.query("rollback"));
    };
    await expect(inTransaction()).rejects.toMatchObject({ code: "XX000" });
    expect(await inTransaction()).toBe("glad");
    client.release();
  });

  test("a value that is wrong under any type is told, and costs no name", async () => {
    const pool = database.pool({ max: 1 });
    await given("create table cfg (id int, v text)");
    await execute(pool, read);
    await execute(pool, "select $1::int + 1");
    const { prepared } = pool.getTotals().statements;
    await expect(pool.query(read, ["x"])).rejects.toMatchObject({ code: "22P02" });
    await execute(pool, read);
    await execute(pool, "select $1::int + 1");
    expect(pool.getTotals().statements.prepared).toBe(prepared + 1);
  });
});

test("a name stands for the text that its caller has given it before, also where the server has forgotten it", async () => {
  const client = await database.pool({ max: 1 }).connect();
  await client.query({ name: "twice", text: "select $1::int * 2 as n", values: [1] });
  const named = (value: number) => onlyValue({ query: () => client.query(onlyName(value)) }, "");
  expect(await named(2)).toBe(4);
  expect("sessionChanged" in client && client.sessionChanged).toBe(false);
  await client.query("deallocate all");
  expect(await named(3)).toBe(6);
  client.release();
});

/** As pg takes it, and its types do not. */
function onlyName(value: number): pg.QueryConfig {
  return { name: "twice", values: [value] } as unknown as pg.QueryConfig;
}

test("a stale statement keeps its place among those of its client", async () => {
  const observer = await given("create table cfg (n int); insert into cfg values (1)");
  const client = await database.pool({ max: 1 }).connect();
  const count = { name: "count", text: "update cfg set n = n + 1 returning *" };
  await client.query(count);
  await observer.query("alter table cfg add more int");
  const [counted, read] = await Promise.all([client.query(count), client.query("select n from cfg")]);
  expect([counted.rows, read.rows]).toEqual([[{ n: 3, more: null }], [{ n: 3 }]]);
  client.release();
});

test("a name is parsed anew when it is old", async () => {
  const observer = await given(
    "create table cfg (v text); insert into cfg values ('public'); create schema mine",
  );
  const statements = new StatementNames({ maxAgeMs: 30 });
  const client = database.keep(
    new Client({ ...database.options(), options: "-c search_path=mine,public", statements } as never),
  );
  await client.connect();
  const read = "select v from cfg where v <> $1";
  const named = { name: "named", text: read, values: [""] };
  await execute(client, read, [""]);
  await client.query(named);
  await observer.query("create table mine.cfg as select 'mine'::text as v"); // of which nobody tells a client
  await new Promise((resolve) => setTimeout(resolve, 40)); // longer than a name's age
  expect(await onlyValue(client, read, [""])).toBe("mine");
  expect((await client.query(named)).rows).toEqual([{ v: "mine" }]);
});

test("the fields of a result are its caller's", async () => {
  const pool = database.pool({ max: 1 });
  for (let again = 0; again < 4; again++) {
    const { rows, fields } = await pool.query("select 1 as a_name, $1::int as n", [again]);
    expect(rows).toEqual([{ a_name: 1, n: again }]);
    expect(fields.map(({ name }) => name)).toEqual(["a_name", "n"]);
    for (const field of fields) field.name = "changed";
  }
});

test("a temporary table outdates nothing that others have prepared", async () => {
  const pool = database.pool({ max: 2 });
  const [reader, maker] = await Promise.all([pool.connect(), pool.connect()]);
  await execute(reader, "select $1::int");
  const { prepared } = pool.getTotals().statements;
  await maker.query("create temp table mine (a int)");
  await maker.query("create index on mine (a)");
  await maker.query("select 1 as a into temp also_mine");
  await reader.query("select $1::int", [1]);
  expect(pool.getTotals().statements.prepared).toBe(prepared);
  reader.release();
  maker.release();
});

test("of long texts fewer are counted", () => {
  const names = new StatementNames();
  const text = (n: number) => `select $1 /* ${"x".repeat(16_000)} ${n} */`;
  for (let n = 0; n < 100; n++) names.nameOf(text(n));
  expect(names.nameOf(text(0))).toBeUndefined();
  expect(names.nameOf(text(99))).toBeDefined();
});
