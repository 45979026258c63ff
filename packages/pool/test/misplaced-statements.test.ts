import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "drizzle-orm";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import Cursor from "pg-cursor";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { drizzleOverPool } from "../src/drizzle.ts";
import { MisplacedStatementError } from "../src/index.ts";
import type { Pool } from "../src/pool.ts";
import { findMisplaced, staysInTransaction } from "../src/sql/misplaced-statement.ts";
import { scoped } from "../src/tenants.ts";
import { settled, useDatabase } from "./support/pools.ts";

const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };

beforeAll(async () => {
  await database.pool().query(`
    create table notes (tenant text not null default current_setting('app.tenant_id', true), body text);
    create procedure quiet() language sql as $$ insert into notes (body) values ('quiet') $$;
    create procedure commits() language plpgsql as $$
      begin insert into notes (body) values ('first'); commit; insert into notes (body) values ('second'); end $$`);
});

let pool: Pool;
beforeEach(async () => {
  pool = database.pool({ max: 1 });
  await pool.query("truncate notes");
});
afterEach(async () => {
  // Whatever was tried: the connection is back, and nobody's.
  await settled(pool);
  expect(
    (await pool.query("select coalesce(current_setting('app.tenant_id', true), '') as tenant")).rows,
  ).toEqual([{ tenant: "" }]);
  expect(pool.getTotals().created).toBe(1);
});

const COMMITS_IN_A_BLOCK =
  "do $$ begin insert into notes (body) values ('first'); commit; insert into notes (body) values ('second'); end $$";

/**
 * What becomes of a statement as a scope's only one, and in its transaction: "works", "refused" before it is sent, or the SQLSTATE by
 * which the server refuses it, with nothing kept.
 */
const TABLE: [text: string, alone: string, inTransaction: string][] = [
  ["vacuum notes", "refused", "refused"],
  ["VACUUM (analyze) notes", "refused", "refused"],
  ["/* nightly */ vacuum", "refused", "refused"],
  ["create database other", "refused", "refused"],
  ["drop database if exists other", "refused", "refused"],
  ["create tablespace t location '/nowhere'", "refused", "refused"],
  ["create index concurrently on notes (body)", "refused", "refused"],
  ["create unique index concurrently if not exists n on notes (body)", "refused", "refused"],
  ["drop index concurrently if exists n", "refused", "refused"],
  ["reindex table concurrently notes", "refused", "refused"],
  ["reindex (verbose) index concurrently n", "refused", "refused"],
  ["alter system set work_mem = '4MB'", "refused", "refused"],
  ["listen replies", "works", "works"],
  ["copy notes from stdin", "refused", "refused"],
  ["copy notes (tenant, body) to stdout with (format csv)", "refused", "refused"],
  ["copy (select 1) to stdout", "refused", "refused"],
  ["declare c cursor for select 1", "refused", "works"],
  ["declare c cursor with hold for select 1", "refused", "works"],
  ["begin", "refused", "refused"],
  ["start transaction read only", "refused", "refused"],
  ["commit", "refused", "refused"],
  ["COMMIT AND CHAIN", "refused", "refused"],
  ["end", "refused", "refused"],
  ["rollback", "refused", "refused"],
  ["rollback work", "refused", "refused"],
  ["abort", "refused", "refused"],
  ["prepare transaction 'x'", "refused", "refused"],
  ["commit prepared 'x'", "refused", "refused"],
  ["select 1; commit; insert into notes (body) values ('outside')", "refused", "refused"],
  ["select ';'; /* ; */ rollback", "refused", "refused"],
  ["insert into notes (body) values ('one'); vacuum", "refused", "refused"],
  ["call commits()", "2D000", "2D000"],
  [COMMITS_IN_A_BLOCK, "2D000", "2D000"],
  ["call quiet()", "works", "works"],
  ["do $$ begin insert into notes (body) values ('block'); end $$", "works", "works"],
  ["select 1; select 2", "works", "works"],
  ["insert into notes (body) values ('a'); insert into notes (body) values ('b')", "works", "works"],
  ["create table made (id int); drop table made", "works", "works"],
  ["create index on notes (body)", "works", "works"],
  [
    "create or replace function f() returns int begin atomic select 1; select 2; end; select f()",
    "works",
    "works",
  ],
  [
    "create or replace function f() returns int language plpgsql as $$ begin commit; return 1; end $$",
    "works",
    "works",
  ],
  ["prepare commit as select 1; execute commit; deallocate commit", "works", "works"],
  ["select 'vacuum; commit' as \"end\"", "works", "works"],
  ["set local work_mem = '5MB'", "works", "works"],
  ["notify replies", "works", "works"],
  ["lock table notes", "works", "works"],
  ["explain analyze insert into notes (body) values ('explained')", "works", "works"],
  ["(select 1) union (select 2)", "works", "works"],
  ["truncate notes", "works", "works"],
  ["savepoint s", "works", "works"],
  ["savepoint s; rollback work to savepoint s; release s", "works", "works"],
  ["fetch 1 from nothing", "34000", "34000"],
  ["", "works", "works"],
  ["-- nothing", "works", "works"],
];

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "works";
  } catch (error) {
    const thrown = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (thrown instanceof MisplacedStatementError) return "refused";
    return thrown instanceof pg.DatabaseError ? String(thrown.code) : String(thrown);
  }
}

describe.each(["plain", "Drizzle"])("in a scope, %s", (kind) => {
  const alone = (text: string) =>
    kind === "plain"
      ? scoped(pool, ACME).query(text)
      : drizzleOverPool(() => pool, {})
          .scoped(ACME)
          .execute(sql.raw(text));
  const inTransaction = (text: string) =>
    kind === "plain"
      ? scoped(pool, ACME).transaction((client) => client.query(text))
      : drizzleOverPool(() => pool, {})
          .scoped(ACME)
          .transaction((tx) => tx.execute(sql.raw(text)));

  test.for(TABLE)("%j: alone %s, in a transaction %s", async ([text, one, other]) => {
    expect({
      alone: await outcomeOf(alone(text)),
      inTransaction: await outcomeOf(inTransaction(text)),
    }).toEqual({
      alone: one,
      inTransaction: other,
    });
    const { rows } = await pool.query("select distinct tenant from notes");
    expect(rows).toEqual(one === "works" && rows.length > 0 ? [{ tenant: "acme" }] : []);
  });
});

test("a refused statement says what, why, and what would be right, and costs no connection", async () => {
  const message = async (text: string) =>
    String(
      await scoped(pool, ACME)
        .query(text)
        .catch((error: unknown) => error),
    );
  expect(await message("VACUUM notes")).toBe(
    "MisplacedStatementError: VACUUM cannot run in a transaction, which a scope is: run it on the pool, without a scope; nothing was sent",
  );
  expect(await message("select 1; -- and\n COMMIT")).toContain("COMMIT is the pool's to send");
  expect(await message("create unique index concurrently i on secrets (x)")).toContain(
    "CREATE UNIQUE INDEX CONCURRENTLY cannot run",
  );
});

describe("a transaction's work, without a scope", () => {
  const { execute } = {
    execute: (text: string) =>
      drizzleOverPool(() => pool, {}).db.transaction((tx) => tx.execute(sql.raw(text))),
  };
  test.each(["commit", "rollback", "begin", "insert into notes (body) values ('x'); commit"])(
    "cannot end it by %s",
    async (text) => {
      expect(await outcomeOf(execute(text))).toBe("refused");
      expect((await pool.query("select from notes")).rowCount).toBe(0);
    },
  );
  test.each(["listen replies", "copy (select 1) to stdout", "declare c cursor for select 1", "savepoint s"])(
    "may have what pg.Pool's may: %s",
    async (text) => expect(await outcomeOf(execute(text))).toBe("works"),
  );

  test("goes on after a refusal, and commits what it did", async () => {
    await drizzleOverPool(() => pool, {}).db.transaction(async (tx) => {
      await tx.execute(sql`insert into notes (body, tenant) values ('kept', '')`);
      await expect(tx.execute(sql`commit`)).rejects.toMatchObject({
        cause: expect.any(MisplacedStatementError),
      });
      await tx.transaction((inner) =>
        inner.execute(sql`insert into notes (body, tenant) values ('nested', '')`),
      );
    });
    expect((await pool.query("select body from notes order by 1")).rows).toEqual([
      { body: "kept" },
      { body: "nested" },
    ]);
  });
});

describe("cursors and streams", () => {
  test("are refused as a scope's only statement", async () => {
    for (const submittable of [new Cursor("select 1"), copyFrom("copy notes from stdin")])
      await expect(scoped(pool, ACME).query(submittable as never)).rejects.toThrow(MisplacedStatementError);
  });

  test.each([true, false])("work in its transaction, as the first statement: %s", async (isFirst) => {
    const bodies = await scoped(pool, ACME).transaction(async (client) => {
      if (!isFirst) await client.query("select 1");
      const into = (await client.query(
        copyFrom("copy notes (body) from stdin") as never,
      )) as unknown as ReturnType<typeof copyFrom>;
      await pipeline(Readable.from(["one\ntwo\n"]), into);
      const cursor = (await client.query(
        new Cursor("select tenant, body from notes order by body") as never,
      )) as unknown as Cursor;
      const read = [...(await cursor.read(1)), ...(await cursor.read(10))];
      await cursor.close();
      const out = (await client.query(
        copyTo("copy (select body from notes order by 1) to stdout") as never,
      )) as unknown as Readable;
      return [...read, (await out.toArray()).join("")];
    });
    expect(bodies).toEqual([{ tenant: "acme", body: "one" }, { tenant: "acme", body: "two" }, "one\ntwo\n"]);
    expect((await pool.query("select count(*)::int as n from notes where tenant = 'acme'")).rows).toEqual([
      { n: 2 },
    ]);
  });
});

describe("the reader", () => {
  test.each([
    ["select 1", true],
    ["  ((with x as (select 1) table x))", true],
    ["-- call p()\nupdate notes set body = ''", true],
    ["call p()", false],
    ["do 'begin end'", false],
    ["execute p", false],
    ['"select" 1', false],
    ["", false],
    ["'select'", false],
  ])("%j stays in its transaction: %s", (text, stays) => expect(staysInTransaction(text)).toBe(stays));

  test.each([
    "comm/**/it",
    "copy notes (stdin) from program 'x'",
    "e'commit'",
    "select $$;commit$$",
    "select (1;commit)",
    'select "a;commit"',
    'u&"commit"',
    "commit_all()",
  ])("%j has nothing out of place", (text) => expect(findMisplaced(text)).toBeUndefined());
});
