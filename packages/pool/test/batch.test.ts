import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { BatchError } from "../src/errors/errors.ts";
import { scoped } from "../src/tenants.ts";
import { ScopedPool } from "../src/transaction/scoped-pool.ts";
import { listenedPool, SETTINGS, STATEMENT } from "./support/listened-pool.ts";
import { backendPid, settled, useDatabase } from "./support/pools.ts";

const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const TENANT = "select current_setting('app.tenant_id', true) as tenant";
const IDS = "select id from notes order by id";
const add = (id: unknown, body = "new") => ({
  text: "insert into notes values ($1, $2)",
  values: [id, body],
});

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
});
beforeEach(async () => {
  await database.pool().query("truncate notes cascade; insert into notes values (1, 'first')");
});

function unscoped(options: PoolOptions = {}) {
  const pool = database.pool({ max: 1, ...options });
  return { pool, db: new ScopedPool(() => pool) };
}

async function listened(options: PoolOptions = {}) {
  const { pool, said } = await listenedPool(database, options);
  return { pool, said, db: new ScopedPool(() => pool), acme: scoped(pool, ACME) };
}

describe("a batch on the wire", () => {
  test("is one flight with one Sync, behind its scope's settings", async () => {
    const { said, acme } = await listened({ prepare: "off" });
    const lines = await said(() => acme.batch([TENANT, add(2), IDS]));
    expect(lines).toEqual([
      `> ${SETTINGS} ${STATEMENT} ${STATEMENT} ${STATEMENT} Sync`,
      "< ParseComplete BindComplete Complete(SELECT 0) " +
        "ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) " +
        "ParseComplete BindComplete NoData Complete(INSERT 0 1) " +
        "ParseComplete BindComplete RowDescription DataRow DataRow Complete(SELECT 2) Ready(I)",
    ]);
  });

  test("parses and describes nothing that it knows", async () => {
    const { said, acme } = await listened();
    const batch = () => acme.batch([IDS, "select body from notes", IDS]);
    for (let again = 0; again < 2; again++) await batch();
    const [sent] = await said(batch);
    expect(sent).toBe(`> ${"Bind(named) Execute ".repeat(4)}Sync`);
  });

  test("parses a text once that it has twice", async () => {
    const { pool, said, db } = await listened();
    await db.batch([IDS]);
    const [sent] = await said(() => db.batch([IDS, IDS]));
    expect(sent).toBe("> Parse(named) Bind(named) Describe Execute Bind(named) Describe Execute Sync");
    expect((await pool.query("select count(*)::int as n from pg_prepared_statements")).rows).toEqual([
      { n: 1 },
    ]);
  });

  test("names nothing where it has more texts than a connection keeps", async () => {
    const { pool, said, db } = await listened();
    const texts = Array.from({ length: 120 }, (_, n) => `select ${n} + $1::int as sum`);
    const batch = () => db.batch(texts.map((text) => ({ text, values: [1] })));
    for (let again = 0; again < 2; again++) await batch();
    const [sent] = await said(batch);
    expect(sent).not.toContain("named");
    const results = await batch();
    expect(results.map(({ rows }) => rows[0].sum)).toEqual(texts.map((_, n) => n + 1));
    expect(pool.getTotals().statements).toMatchObject({ prepared: 0, givenUp: 0 });
  });
});

test("a transaction's batch is one flight: BEGIN and the scope's settings go with the first, and COMMIT alone", async () => {
  const { pool, said } = await listened({ prepare: "off" });
  const { scoped } = drizzleOverPool(() => pool, {});
  const lines = await said(() =>
    scoped(ACME).transaction(async (tx) => {
      await tx.batch([tx.execute(TENANT), tx.execute(IDS)]);
      await tx.batch([tx.execute(IDS), tx.execute(IDS)]);
    }),
  );
  expect(lines.filter((line) => line.startsWith(">"))).toEqual([
    `> ${SETTINGS} ${SETTINGS} ${STATEMENT} ${STATEMENT} Sync`,
    `> ${STATEMENT} ${STATEMENT} Sync`,
    "> Query(commit)",
  ]);
  expect(lines.filter((line) => line.startsWith("<")).map((line) => line.slice(-8))).toEqual([
    "Ready(T)",
    "Ready(T)",
    "Ready(I)",
  ]);
});

describe("a batch", () => {
  test("returns each result, and takes one connection", async () => {
    const { pool, db } = unscoped({ max: 5 });
    const results = await db.batch([
      { text: "select 1 as one, 2 as two", rowMode: "array" } as never,
      { text: "select $1::json as it", values: [{ a: 1 }] },
      "update notes set body = body where id = 99",
      "show server_version_num",
    ]);
    expect(results.map(({ rows, rowCount, command }) => [command, rowCount, rows])).toEqual([
      ["SELECT", 1, [[1, 2]]],
      ["SELECT", 1, [{ it: { a: 1 } }]],
      ["UPDATE", 0, []],
      ["SHOW", null, [{ server_version_num: expect.any(String) }]],
    ]);
    expect(pool.getTotals()).toMatchObject({ created: 1, acquired: 1 });
    expect(await db.batch([])).toEqual([]);
  });

  test("sees what it has written itself", async () => {
    const { db } = unscoped();
    const results = await db.batch([IDS, add(2), IDS, "delete from notes where id = 1", IDS]);
    expect([0, 2, 4].map((index) => results[index]?.rows)).toEqual([
      [{ id: 1 }],
      [{ id: 1 }, { id: 2 }],
      [{ id: 2 }],
    ]);
  });

  test("holds its scope for every statement, and leaves nothing of it", async () => {
    const { pool } = unscoped();
    for (let again = 0; again < 3; again++) {
      const results = await scoped(pool, ACME).batch([TENANT, add(10 + again), TENANT]);
      expect([results[0]?.rows, results[2]?.rows]).toEqual([[{ tenant: "acme" }], [{ tenant: "acme" }]]);
      expect(
        (await pool.query("select nullif(current_setting('app.tenant_id', true), '') as it")).rows,
      ).toEqual([{ it: null }]);
    }
    await expect(scoped(pool, ACME).batch([TENANT, "select 1 / 0"])).rejects.toThrow();
    const left = await pool.query("select nullif(current_setting('app.tenant_id', true), '') as it");
    expect(left.rows).toEqual([{ it: null }]);
  });

  test.each([
    ["first", 0],
    ["middle", 1],
    ["last", 2],
  ])("keeps nothing where its %s statement fails, and says which", async (_where, index) => {
    const { pool, db } = unscoped();
    const pid = await backendPid(pool);
    const statements = [add(2), add(3), add(4)];
    statements[index] = add(1);
    const failed = db.batch(statements);
    await expect(failed).rejects.toBeInstanceOf(BatchError);
    await expect(failed).rejects.toMatchObject({ code: "BATCH", index, cause: { code: "23505" } });
    expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }]);
    await settled(pool);
    expect(await backendPid(pool)).toBe(pid);
  });

  test("whose commit is refused says so of no statement", async () => {
    const { pool, db } = unscoped();
    await pool.query("create table replies (note int references notes deferrable initially deferred)");
    const refused = db.batch(["select 1", "insert into replies values (99)", "select 2"]);
    await expect(refused).rejects.toMatchObject({
      code: "BATCH",
      index: undefined,
      cause: { code: "23503" },
    });
    expect((await pool.query("select from replies")).rowCount).toBe(0);
  });

  test("of a thousand inserts of many bytes, each of which answers with as many, ends", async () => {
    const { pool, db } = unscoped();
    const body = "x".repeat(10_000);
    const rows = Array.from({ length: 1_000 }, (_, n) => ({
      text: "insert into notes values ($1, $2) returning *",
      values: [n + 2, body],
    }));
    const results = await db.batch(rows);
    expect(results.map(({ rows: [row] }) => row.id)).toEqual(rows.map((_, n) => n + 2));
    expect((await pool.query("select count(*)::int as n from notes")).rows).toEqual([{ n: 1_001 }]);
  });

  test("whose settings are refused says so as a statement does", async () => {
    const { pool } = unscoped();
    await expect(scoped(pool, { "not a setting": "x" }).batch(["select 1", add(2)])).rejects.toMatchObject({
      code: "42704",
    });
    expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }]);
  });

  test("whose rows cannot be read is kept, and says so", async () => {
    const { pool, db } = unscoped();
    const types = {
      getTypeParser: () => () => {
        throw new TypeError("not mine to read");
      },
    };
    const unread = db.batch([add(2), { text: IDS, types } as never, add(3)]);
    await expect(unread).rejects.toMatchObject({
      code: "BATCH",
      index: 1,
      message: expect.stringContaining("all of the batch is kept"),
      cause: { message: "not mine to read" },
    });
    expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test("takes two statements of one name for what they are", async () => {
    const { db } = unscoped();
    const named = (n: number) => ({ name: "same", text: `select ${n} as it` });
    for (let again = 0; again < 2; again++) {
      const results = await db.batch([named(1), named(2), named(1)]);
      expect(results.map(({ rows }) => rows[0].it)).toEqual([1, 2, 1]);
    }
  });

  test("reads by the types of its pool, and its search path holds for those behind", async () => {
    const { pool, db } = unscoped({
      types: { getTypeParser: () => (value: string) => `<${value}>` } as never,
    });
    expect((await db.batch(["select 1 as one"]))[0]?.rows).toEqual([{ one: "<1>" }]);
    await pool.query(
      "create schema other; create table other.notes (id text); insert into other.notes values (77)",
    );
    const path = "select set_config('search_path', 'other', true)";
    for (let again = 0; again < 3; again++) {
      const results = await db.batch([IDS, path, IDS]);
      expect([results[0]?.rows, results[2]?.rows]).toEqual([[{ id: "<1>" }], [{ id: "<77>" }]]);
    }
    expect(pool.getTotals().statements).toMatchObject({ prepared: 0, givenUp: 0 });
  });
});
