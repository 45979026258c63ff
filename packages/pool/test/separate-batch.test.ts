import { inspect } from "node:util";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { scoped } from "../src/tenants.ts";
import { ScopedPool } from "../src/transaction/scoped-pool.ts";
import { listenedPool, SETTINGS, STATEMENT } from "./support/listened-pool.ts";
import { backendPid, settled, useDatabase } from "./support/pools.ts";

const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
const APART = { atomic: false } as const;
const TENANT = "select current_setting('app.tenant_id', true) as tenant";
const IDS = "select id from notes order by id";
const add = (id: unknown, body = "new") => ({
  text: "insert into notes values ($1, $2)",
  values: [id, body],
});

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
  await database
    .pool()
    .query(
      "create or replace function forget() returns void language plpgsql as $$ begin execute 'deallocate all'; end $$",
    );
});
beforeEach(async () => {
  await database.pool().query("truncate notes cascade; insert into notes values (1, 'first')");
});

async function listened(options: PoolOptions = {}) {
  const { pool, said } = await listenedPool(database, options);
  return { pool, said, db: new ScopedPool(() => pool), acme: scoped(pool, ACME) };
}

function unscoped(options: PoolOptions = {}) {
  const pool = database.pool({ max: 1, ...options });
  return { pool, db: new ScopedPool(() => pool) };
}

function overSingleClient() {
  const pool = database.keep(new SingleClientPool(database.options()));
  return { pool, db: new ScopedPool(() => pool) };
}

/** What has become of each, in short: its rows, or its SQLSTATE. */
function inShort(outcomes: PromiseSettledResult<{ rows: unknown[] }>[]): unknown[] {
  return outcomes.map((each) => (each.status === "fulfilled" ? each.value.rows : each.reason.code));
}

describe("a batch whose statements stand alone, on the wire", () => {
  test("is one piece with a Sync behind each, and its scope's settings in front of each", async () => {
    const { said, acme } = await listened({ prepare: "off" });
    const lines = await said(() => acme.batch([TENANT, add(2), IDS], APART));
    const sent = `${SETTINGS} ${STATEMENT} Sync`;
    const set = "ParseComplete BindComplete Complete(SELECT 0)";
    expect(lines).toEqual([
      `> ${sent} ${sent} ${sent}`,
      `< ${set} ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I) ` +
        `${set} ParseComplete BindComplete NoData Complete(INSERT 0 1) Ready(I) ` +
        `${set} ParseComplete BindComplete RowDescription DataRow DataRow Complete(SELECT 2) Ready(I)`,
    ]);
  });

  test("parses and describes nothing that it knows", async () => {
    const { said, acme } = await listened();
    const batch = () => acme.batch([IDS, "select body from notes", IDS], APART);
    for (let again = 0; again < 3; again++) await batch();
    const [sent] = await said(batch);
    const known = "Bind(named) Execute Bind(named) Execute Sync";
    expect(sent).toBe(`> ${known} ${known} ${known}`);
  });

  test("goes by no name that another of its statements is to make, as that may fail", async () => {
    const { said, db } = await listened();
    const bad = "select nothing from notes";
    await db.batch([bad], APART);
    let outcomes: unknown[] = [];
    const [sent] = await said(async () => {
      outcomes = inShort(await db.batch([bad, bad, IDS], APART));
    });
    expect(sent).toBe(`> Parse(named) Bind(named) Describe Execute Sync ${STATEMENT} Sync ${STATEMENT} Sync`);
    expect(outcomes).toEqual(["42703", "42703", [{ id: 1 }]]);
  });

  test("names nothing where it has more texts than a connection keeps", async () => {
    const { pool, said, db } = await listened();
    const texts = Array.from({ length: 120 }, (_, n) => `select ${n} + $1::int as sum`);
    const batch = () =>
      db.batch(
        texts.map((text) => ({ text, values: [1] })),
        APART,
      );
    for (let again = 0; again < 2; again++) await batch();
    const [sent] = await said(batch);
    expect(sent).not.toContain("named");
    expect(inShort(await batch())).toEqual(texts.map((_, n) => [{ sum: n + 1 }]));
    expect(pool.getTotals().statements).toMatchObject({ prepared: 0, givenUp: 0 });
  });
});

/** Errors of every stage, by their SQLSTATE: of the text, of a value, while it runs, and as it commits. */
const FAILING = [
  ["42601", "select from where"],
  ["42P01", "select * from nowhere"],
  ["22P02", { text: "select $1::int", values: ["x"] }],
  ["22012", "select 1 / (id - id) from notes"],
  ["23505", add(1)],
  ["23503", "insert into replies values (99)"],
] as const;

describe.each([
  ["the pool", unscoped],
  ["the single client", overSingleClient],
])("a batch whose statements stand alone, over %s", (_what, make) => {
  test.each(FAILING)(
    "keeps what stands around an error of %s, and tells it of its statement",
    async (code, statement) => {
      const { pool, db } = make();
      await pool.query(
        "create table if not exists replies (note int references notes deferrable initially deferred)",
      );
      const acme = scoped(pool, ACME);
      for (let index = 0; index < 3; index++) {
        await pool.query("delete from notes where id > 1");
        const statements: Parameters<typeof db.batch>[0][number][] = [add(2), add(3), IDS];
        statements.splice(index, 0, statement as never);
        const expected: unknown[] = [[], [], [{ id: 1 }, { id: 2 }, { id: 3 }]];
        expected.splice(index, 0, code);
        expect(inShort(await acme.batch(statements, APART))).toEqual(expected);
        expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
      }
      const all = await acme.batch([statement as never, TENANT, statement as never], APART);
      expect(inShort(all)).toEqual([code, [{ tenant: "acme" }], code]);
    },
  );

  test("holds its scope for every statement, and leaves nothing of it", async () => {
    const { pool } = make();
    for (let again = 0; again < 3; again++) {
      const outcomes = await scoped(pool, ACME).batch([TENANT, "select 1 / 0", TENANT], APART);
      expect(inShort(outcomes)).toEqual([[{ tenant: "acme" }], "22012", [{ tenant: "acme" }]]);
      const left = await pool.query("select nullif(current_setting('app.tenant_id', true), '') as it");
      expect(left.rows).toEqual([{ it: null }]);
    }
  });

  test("refuses what it cannot do, and sends nothing", async () => {
    const { pool, db } = make();
    for (const options of [
      { atomic: false, isolationLevel: "serializable" },
      { atomic: false, accessMode: "read only" },
      { atomic: 0 },
      { atomic: null },
    ])
      await expect(db.batch([add(2)], options as never)).rejects.toMatchObject({
        code: "TRANSACTION_OPTIONS",
      });
    for (const text of ["call nothing()", "do $$ begin end $$", "commit", "select 1; commit", "vacuum"])
      await expect(db.batch([add(2), text], APART)).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
    await expect(db.batch(new Array(10_001).fill(IDS), APART)).rejects.toMatchObject({
      code: "BATCH_TOO_LARGE",
    });
    expect(await db.batch([], APART)).toEqual([]);
    expect(pool.totalCount).toBe(0);
  });

  test("of a thousand, every tenth of which fails, ends, and keeps the others", async () => {
    const { pool, db } = make();
    const statements = Array.from({ length: 1_000 }, (_, n) =>
      add(n % 10 === 0 ? 1 : n + 2, "x".repeat(1_000)),
    );
    const outcomes = await db.batch(statements, APART);
    expect(outcomes.map(({ status }) => status === "rejected")).toEqual(
      statements.map((_, n) => n % 10 === 0),
    );
    expect((await pool.query("select count(*)::int as n from notes")).rows).toEqual([{ n: 901 }]);
  });
});

test("a batch whose statements stand alone takes one connection, which stays, and hides the values of what fails", async () => {
  const { pool, db } = unscoped({ max: 5 });
  const pid = await backendPid(pool);
  const secret = add(1, "secret");
  const [failed, kept] = await db.batch([secret, add(2)], APART);
  expect([failed?.status, kept?.status]).toEqual(["rejected", "fulfilled"]);
  expect([String(secret.values), JSON.stringify(failed)]).toEqual([
    "[2 hidden]",
    expect.not.stringContaining("(1)"),
  ]);
  await settled(pool);
  expect(await backendPid(pool)).toBe(pid);
  expect(pool.getTotals()).toMatchObject({ created: 1, statementErrors: expect.anything() });
});

test("no error shows a row", async () => {
  const { db } = unscoped();
  const word = (text: string) => ({ text: "insert into notes values ($1, $1::int::text)", values: [text] });
  const outcomes = await db.batch([add(1), word("secret-1"), add(1), word("secret-2")], APART);
  expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
  for (const shown of [inspect(outcomes, { depth: 5 }), JSON.stringify(outcomes)])
    expect(shown).not.toMatch(/secret|\(id\)=\(1\)/);
});

test("rows that cannot be read are their statement's failure alone", async () => {
  const { pool, db } = unscoped();
  const types = {
    getTypeParser: () => () => {
      throw new TypeError("not mine to read");
    },
  };
  const [, unread, third] = await db.batch([add(2), { text: IDS, types } as never, add(3)], APART);
  expect(unread).toMatchObject({ status: "rejected", reason: { message: "not mine to read" } });
  expect(third?.status).toBe("fulfilled");
  expect((await pool.query(IDS)).rows).toHaveLength(3);
});

describe("a statement's name that has become stale", () => {
  test("fails that statement alone, and the next time it is parsed anew", async () => {
    const { pool, db } = unscoped();
    const all = "select * from notes where id = 1";
    const batch = () => db.batch([add(7), all, "delete from notes where id = 7"], APART);
    for (let again = 0; again < 3; again++) await batch();
    await (await database.observer()).query("alter table notes add column more int");
    try {
      expect(inShort(await batch())).toEqual([[], "0A000", []]);
      expect(inShort(await batch())).toEqual([[], [{ id: 1, body: "first", more: null }], []]);
    } finally {
      await pool.query("alter table notes drop column more");
    }
  });

  test("that the server has forgotten fails no statement of the next batch, whatever was parsed meanwhile", async () => {
    // A function that a pool takes for harmless: nothing tells that the names are gone.
    const { db } = unscoped({ safeFunctions: ["forget"] });
    const late = "select body from notes";
    for (let again = 0; again < 3; again++) await db.batch([IDS, "select 1 as one"], APART);
    await db.batch([late], APART);
    // The last one gets its name in the flight in which the others lose theirs.
    const outcomes = inShort(await db.batch(["select forget() is null as it", IDS, late], APART));
    expect(outcomes).toEqual([[{ it: false }], "26000", [{ body: "first" }]]);
    for (let again = 0; again < 2; again++)
      expect(inShort(await db.batch([IDS, late, "select 1 as one"], APART))).toEqual([
        [{ id: 1 }],
        [{ body: "first" }],
        [{ one: 1 }],
      ]);
  });

  test("and two statements of one name are taken for what they are", async () => {
    const { db } = unscoped();
    const named = (n: number) => ({ name: "same", text: `select ${n} as it` });
    for (let again = 0; again < 2; again++)
      expect(inShort(await db.batch([named(1), named(2), named(1)], APART))).toEqual([
        [{ it: 1 }],
        [{ it: 2 }],
        [{ it: 1 }],
      ]);
  });
});

test("statements that stand alone are read by the types of their pool", async () => {
  const { db } = unscoped({ types: { getTypeParser: () => (value: string) => `<${value}>` } as never });
  expect(inShort(await db.batch(["select 1 as one", "select 2 as two"], APART))).toEqual([
    [{ one: "<1>" }],
    [{ two: "<2>" }],
  ]);
});

test("a search path of the scope is no other one's, and what a statement sets for its session is reset", async () => {
  const { pool } = unscoped();
  await pool.query(
    "create schema other; create table other.notes (id text); insert into other.notes values ('77')",
  );
  const other = scoped(pool, { search_path: "other" });
  const before = pool.getTotals().statements.prepared;
  for (let again = 0; again < 3; again++) {
    expect(inShort(await other.batch([IDS, IDS], APART))).toEqual([[{ id: "77" }], [{ id: "77" }]]);
    expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }]);
  }
  // Its settings, and the statement under each path, once.
  expect(pool.getTotals().statements.prepared - before).toBe(3);
  await scoped(pool, ACME).batch([IDS, "select set_config('app.mark', 'left', false)", IDS], APART);
  const left = await pool.query("select nullif(current_setting('app.mark', true), '') as it");
  expect(left.rows).toEqual([{ it: null }]);
});

test("settings that are refused fail each of its statements", async () => {
  const { pool } = unscoped();
  const outcomes = await scoped(pool, { "not a setting": "x" }).batch([IDS, add(2)], APART);
  expect(inShort(outcomes)).toEqual(["42704", "42704"]);
  expect((await pool.query(IDS)).rows).toEqual([{ id: 1 }]);
});
