import { createRequire } from "node:module";
import { inspect } from "node:util";
import { is, sql } from "drizzle-orm";
import { drizzle, NodePgDatabase } from "drizzle-orm/node-postgres";
import { integer, pgTable, pgView, text } from "drizzle-orm/pg-core";
import pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { CommitUnknownError } from "../src/errors/errors.ts";
import type { Client } from "../src/query/client.ts";
import { backendPid, settled, useDatabase } from "./support/pools.ts";

const notes = pgTable("notes", {
  id: integer().primaryKey(),
  owner: text().notNull(),
  body: text().notNull(),
});
const schema = { notes };
const database = useDatabase();
const tenant = sql<string>`current_setting('app.tenant_id', true)`;

function scopes(options: PoolOptions = {}) {
  const pool = database.pool({ max: 1, ...options });
  return { pool, ...drizzleOverPool(() => pool, schema) };
}
const as = (id: string) => ({ "app.tenant_id": id });

beforeAll(async () => {
  await database.pool().query(`
    create table notes (id int primary key, owner text not null, body text not null);
    create view seen as select current_setting('app.tenant_id', true) as tenant, count(*)::int as n from notes`);
});
beforeEach(async () => {
  await database
    .pool()
    .query("truncate notes; insert into notes values (1, 'acme', 'first'), (2, 'acme', 'second')");
});

describe("a scope holds in every form of statement that Drizzle has", () => {
  test("select, `$count`, views, CTEs, relational and raw queries", async () => {
    const { scoped } = scopes();
    const db = scoped(as("acme"));
    const mine = sql`${notes.owner} = ${tenant}`;
    for (let again = 0; again < 3; again++) {
      expect(await db.select({ tenant }).from(notes).where(mine)).toEqual([
        { tenant: "acme" },
        { tenant: "acme" },
      ]);
      expect(await db.$count(notes, mine)).toBe(2);
      const seen = pgView("seen", { tenant: text(), n: integer() }).existing();
      expect(await db.select().from(seen)).toEqual([{ tenant: "acme", n: 2 }]);
      const cte = db.$with("cte").as(db.select({ id: notes.id }).from(notes).where(mine));
      expect(await db.with(cte).select().from(cte)).toHaveLength(2);
      const extras = { tenant: tenant.as("tenant") };
      expect(await db.query.notes.findMany({ columns: { id: true }, extras })).toEqual([
        { id: 1, tenant: "acme" },
        { id: 2, tenant: "acme" },
      ]);
      expect((await db.execute(sql`select ${tenant} as tenant`)).rows).toEqual([{ tenant: "acme" }]);
      expect((await db.execute(sql`values (1), (2)`)).rowCount).toBe(2);
    }
  });

  test("what is known of tables is there, though it is made when it is asked for", async () => {
    const { scoped } = scopes();
    const plain = drizzle.mock({ schema });
    expect(Object.keys(scoped(as("acme")).query)).toEqual(["notes"]);
    expect("notes" in scoped(as("acme")).query).toBe(true);
    expect(Object.hasOwn(scoped(as("acme")).query, "notes")).toBe(true);
    expect(Object.keys(scoped(as("acme"))._).sort()).toEqual(Object.keys(plain._).sort());
    expect(is(scoped(as("acme")), NodePgDatabase)).toBe(true);
    const find = (id: string) =>
      scoped(as(id)).query.notes.findFirst({ columns: {}, extras: { t: tenant.as("t") } });
    expect(await Promise.all([find("acme"), find("bolt")])).toEqual([{ t: "acme" }, { t: "bolt" }]);
    const replaced = scoped(as("acme"));
    const double = { findMany: () => "of a test's own" };
    expect(Reflect.set(replaced.query, "notes", double)).toBe(true);
    expect([replaced.query.notes, Object.keys(replaced.query)]).toEqual([double, ["notes"]]);
    expect(Reflect.deleteProperty(replaced.query, "notes") && "notes" in replaced.query).toBe(false);
  });

  test("all settings of a scope hold, in their order, and none of their rows is the statement's", async () => {
    const { pool, scoped } = scopes();
    const found = sql`select current_setting('app.a') || current_setting('app.b') || current_setting('app.c') as all`;
    const { rows } = await scoped({ "app.a": "1", "app.b": "2", "app.c": "3" }).execute(found);
    expect(rows).toEqual([{ all: "123" }]);
    const twice = { "app.a": "first", "APP.A": "last" };
    expect((await scoped(twice).execute(sql`select current_setting('app.a') as a`)).rows).toEqual([
      { a: "last" },
    ]);
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`app.n${n}`, String(n)]));
    const last = await scoped(many).execute(sql`select current_setting('app.n149') as n`);
    expect(last.rows).toEqual([{ n: "149" }]);
    const client = (await pool.connect()) as unknown as Client & pg.PoolClient;
    const told = await client.queryAfter([{ text: "select 'of a prelude'", values: [] }], "select 1 as n");
    client.release();
    expect(told.rows).toEqual([{ n: 1 }]);
  });

  test("a function or an operator of another schema's is not taken for the server's", async () => {
    await database.pool().query(`create schema early;
      create function early.set_config(text, text, boolean) returns text language sql immutable as $$ select 'x' $$;
      create function early.joined(text, text) returns text language sql immutable as $$ select 'x' $$;
      create operator early.|| (leftarg = text, rightarg = text, function = early.joined)`);
    const { scoped } = scopes({ options: "-c search_path=early,public,pg_catalog" });
    const found = sql`select current_setting('app.a', true) as a, current_setting('app.b', true) as b`;
    expect((await scoped({ "app.a": "1", "app.b": "2" }).execute(found)).rows).toEqual([{ a: "1", b: "2" }]);
  });

  test("insert, update and delete with returning", async () => {
    const { scoped } = scopes();
    const db = scoped(as("acme"));
    for (const id of [3, 4, 5]) {
      const written = await db.insert(notes).values({ id, owner: tenant, body: "new" }).returning();
      expect(written).toEqual([{ id, owner: "acme", body: "new" }]);
      const changed = await db.update(notes).set({ body: tenant }).where(sql`id = ${id}`).returning();
      expect(changed).toEqual([{ id, owner: "acme", body: "acme" }]);
      expect((await db.delete(notes).where(sql`id = ${id} and owner = ${tenant}`)).rowCount).toBe(1);
    }
  });

  test("queries that were prepared, with placeholders", async () => {
    const { scoped } = scopes();
    const prepared = scoped(as("acme"))
      .select({ id: notes.id, tenant })
      .from(notes)
      .where(sql`id = ${sql.placeholder("id")}`)
      .prepare("by_id");
    for (const id of [1, 2, 1]) expect(await prepared.execute({ id })).toEqual([{ id, tenant: "acme" }]);
  });

  test("each with its own tenant, also on one connection and by one name", async () => {
    const { pool, scoped } = scopes({ maxWaiting: 100 });
    const ids = Array.from({ length: 40 }, (_, index) => `tenant ${index % 4}`);
    const find = async (id: string) => (await scoped(as(id)).select({ tenant }).from(notes))[0]?.tenant;
    expect(await Promise.all(ids.map(find))).toEqual(ids);
    expect(pool.getTotals()).toMatchObject({ created: 1 });
  });

  test("several statements in one text, which run in one transaction as before", async () => {
    const { scoped } = scopes();
    const both = await scoped(as("acme")).execute(
      sql.raw("insert into notes values (9, 'x', 'y'); select current_setting('app.tenant_id') as tenant;"),
    );
    expect(both).toMatchObject([{ command: "INSERT" }, { rows: [{ tenant: "acme" }] }]);
    const failing = scoped(as("acme")).execute(
      sql.raw("insert into notes values (10, 'x', 'y'); select 1 / 0"),
    );
    await expect(failing).rejects.toMatchObject({ cause: { code: "22012" } });
    expect(await scoped(as("acme")).$count(notes, sql`id in (9, 10)`)).toBe(1);
  });

  test("a semicolon that ends a statement, or is part of a literal", async () => {
    const { scoped } = scopes();
    const db = scoped(as("acme"));
    expect((await db.execute(sql.raw("select 1 as one; "))).rows).toEqual([{ one: 1 }]);
    expect((await db.execute(sql.raw("select '; drop table notes' as it"))).rows).toEqual([
      { it: "; drop table notes" },
    ]);
    expect((await db.execute(sql`select ${"a; b"} as it`)).rows).toEqual([{ it: "a; b" }]);
  });

  test("no statement at all, and one without rows", async () => {
    const { scoped } = scopes();
    const db = scoped(as("acme"));
    expect(await db.execute(sql.raw(""))).toMatchObject({ rows: [], command: null });
    expect(await db.execute(sql.raw("-- nothing"))).toMatchObject({ rows: [], command: null });
    for (let again = 0; again < 3; again++)
      expect(await db.select().from(notes).where(sql`id = ${99}`)).toEqual([]);
  });

  test("more columns and rows than one packet holds", async () => {
    const { scoped } = scopes();
    const many = sql`select n, repeat('x', 1000) as x from generate_series(1, ${2_000}::int) n`;
    for (let again = 0; again < 3; again++)
      expect((await scoped(as("acme")).execute(many)).rows).toHaveLength(2_000);
  });
});

describe("what cannot be done says so, and costs no connection", () => {
  test.each([
    ["a syntax error", "selec 1", "42601"],
    ["a missing table", "select * from nowhere", "42P01"],
  ])("%s", async (_what, statement, code) => {
    const { pool, scoped } = scopes();
    const pid = await backendPid(pool);
    for (let again = 0; again < 2; again++)
      await expect(scoped(as("acme")).execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code } });
    expect(await backendPid(pool)).toBe(pid);
    expect((await scoped(as("acme")).execute(sql`select ${tenant} as tenant`)).rows).toEqual([
      { tenant: "acme" },
    ]);
  });

  test("a parameter that cannot be written, whether the statement has a name or not yet", async () => {
    const { scoped } = scopes();
    const unwritable = {
      toPostgres: () => {
        throw new TypeError("not mine to write");
      },
    };
    for (const value of [unwritable, "first", "second", unwritable, "third"]) {
      const echo = scoped(as("acme")).execute(sql`select ${sql.param(value)}::text as it`);
      if (value === unwritable)
        await expect(echo).rejects.toMatchObject({ cause: { message: "not mine to write" } });
      else expect((await echo).rows).toEqual([{ it: value }]);
    }
  });
});

describe("nothing of a scoped statement meets the next holder", () => {
  const dirt: [what: string, statement: string, look: string, clean: unknown][] = [
    [
      "a setting",
      "set search_path to nowhere",
      "select current_setting('search_path') as it",
      '"$user", public',
    ],
    [
      "another tenant, set for the session",
      "select set_config('app.tenant_id', 'other', false)",
      "select nullif(current_setting('app.tenant_id', true), '') as it",
      null,
    ],
    ["a role", "set role pg_monitor", "select current_user = session_user as it", true],
    ["LISTEN", "listen news", "select count(*)::int as it from pg_listening_channels()", 0],
    [
      "an advisory lock",
      "select pg_advisory_lock(42)",
      "select count(*)::int as it from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
      0,
    ],
    [
      "an advisory lock of a statement that failed",
      "select pg_advisory_lock(42), 1 / (select count(*) - 2 from notes)",
      "select count(*)::int as it from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()",
      0,
    ],
    [
      "a temporary table",
      "create temp table scratch (id int)",
      "select to_regclass('scratch')::text as it",
      null,
    ],
    ["an open transaction", "begin", "select now() = statement_timestamp() as it", true],
    ["the scope itself", "select 1", "select nullif(current_setting('app.tenant_id', true), '') as it", null],
    [
      "the scope of a statement that failed",
      "select 1 / 0",
      "select nullif(current_setting('app.tenant_id', true), '') as it",
      null,
    ],
    [
      "the scope of a COMMIT",
      "commit",
      "select nullif(current_setting('app.tenant_id', true), '') as it",
      null,
    ],
    [
      "the scope of a ROLLBACK",
      "rollback",
      "select nullif(current_setting('app.tenant_id', true), '') as it",
      null,
    ],
  ];
  test.each(dirt)("%s", async (_what, statement, look, clean) => {
    const { pool, scoped } = scopes();
    await scoped(as("acme"))
      .execute(sql.raw(statement))
      .catch(() => {});
    expect((await pool.query(look)).rows).toEqual([{ it: clean }]);
  });

  test.each(dirt)("after a scoped transaction: %s", async (_what, statement, look, clean) => {
    const { pool, scoped } = scopes();
    await scoped(as("acme"))
      .transaction((tx) => tx.execute(sql.raw(statement)))
      .catch(() => {});
    expect((await pool.query(look)).rows).toEqual([{ it: clean }]);
  });
});

/** As a package has it that was installed with a pg of its own. */
function anotherCopyOfPg(): typeof pg {
  const require = createRequire(import.meta.url);
  const ours = Object.keys(require.cache).filter((file) => /[/]node_modules[/]pg(-protocol)?[/]/.test(file));
  for (const file of ours) delete require.cache[file];
  return require("pg");
}

describe("over other clients", () => {
  test("a class of another copy of pg, whose errors are of no class of ours", async () => {
    const { pool, scoped } = scopes({ Client: anotherCopyOfPg().Client, max: 1 });
    const pid = async () => (await pool.query("select pg_backend_pid() as it")).rows[0].it;
    const before = await pid();
    const failed = scoped(as("acme")).transaction((tx) => tx.execute(sql`select 1 / 0`));
    await expect(failed).rejects.toMatchObject({ cause: { code: "22012" } });
    // A write that the server has refused is in no doubt.
    await expect(scoped(as("acme")).execute(sql`update notes set id = id / 0`)).rejects.toMatchObject({
      cause: { code: "22012" },
    });
    expect(await pid()).toBe(before);
    // Nor is a transaction whose COMMIT is refused.
    await pool.query("create table if not exists once (id int unique deferrable initially deferred)");
    const twice = scoped(as("acme")).transaction((tx) => tx.execute(sql`insert into once values (1), (1)`));
    const failure = await twice.catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { code: "23505" } });
    expect(failure).not.toBeInstanceOf(CommitUnknownError);
  });

  test("a class of the caller's own, which knows nothing of this", async () => {
    class Plain extends pg.Client {}
    const { pool, scoped } = scopes({ Client: Plain });
    const read = async (handle: Pick<ReturnType<typeof scoped>, "execute">) =>
      (await handle.execute<{ tenant: string }>(sql`select ${tenant} as tenant`)).rows[0]?.tenant;
    expect(await read(scoped(as("acme")))).toBe("acme");
    expect(await scoped(as("acme")).transaction((tx) => read(tx))).toBe("acme");
    expect(
      (await pool.query("select nullif(current_setting('app.tenant_id', true), '') as it")).rows,
    ).toEqual([{ it: null }]);
  });
});

test("a scoped transaction has the isolation level and access mode it asks for", async () => {
  const { scoped } = scopes();
  const levels = await scoped(as("acme")).transaction(
    async (tx) =>
      (
        await tx.execute(
          sql`select current_setting('transaction_isolation') as level, current_setting('transaction_read_only') as read_only, ${tenant} as tenant`,
        )
      ).rows,
    { isolationLevel: "repeatable read", accessMode: "read only" },
  );
  expect(levels).toEqual([{ level: "repeatable read", read_only: "on", tenant: "acme" }]);
});

test("an error of a scoped statement shows no parameter, and leads to its caller", async () => {
  const { pool, scoped } = scopes();
  const insert = async function theCaller() {
    await scoped(as("secret-tenant")).insert(notes).values({ id: 1, owner: "o", body: "private" });
  };
  const error: unknown = await insert().catch((caught) => caught);
  expect(error).toMatchObject({ cause: { code: "23505" } });
  const dump = inspect(error, { depth: 10 }) + JSON.stringify(error) + String(error);
  expect(dump).not.toMatch(/private|secret/);
  await settled(pool);
  expect(pool.getTotals().destroyed).toEqual({});
});
