import { waitFor } from "@openhouse/pool-testing";
import { eq, sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { drizzleOverPool } from "../src/drizzle/database.ts";
import { optionsFor } from "./support/options.ts";
import { useDatabase } from "./support/pools.ts";
import { type RecordingProxy, startRecordingProxy } from "./support/recording-proxy.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
let proxy: RecordingProxy;

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
  await database.pool().query("insert into notes values (1, 'first')");
});
afterEach(() => proxy.close());

/** Drizzle over one connection that is open, and listened to. */
async function listened(options: PoolOptions = {}) {
  const { host = "", port = 0 } = optionsFor(database.url());
  proxy = await startRecordingProxy({ host, port });
  const pool = database.pool({ max: 1, ...options, host: "127.0.0.1", port: proxy.port });
  await pool.warmUp();
  (await pool.acquire()).release();
  proxy.take();
  return { pool, ...drizzleOverPool(() => pool, { notes }) };
}

/** What a piece of work says on the wire, until the server is ready again. */
async function said(work: () => PromiseLike<unknown>): Promise<string[]> {
  proxy.take();
  await work().then(
    () => {},
    () => {},
  );
  const isReady = () => /Ready\(.\)$/.test(proxy.last);
  await waitFor(isReady, { what: "the server to be ready" });
  return proxy.take();
}

const SETTINGS = "Bind(named) Execute";
const SET = "BindComplete Complete(SELECT 0)";

describe("a scoped select is one round trip", () => {
  test("the first time; from the second by a name; from the third neither parsed nor described", async () => {
    const { scoped } = await listened();
    const find = () => scoped(ACME).select().from(notes).where(eq(notes.id, 1));
    expect(await said(find)).toEqual([
      `> Parse(named) ${SETTINGS} Parse Bind Describe Execute Sync`,
      `< ParseComplete ${SET} ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)`,
    ]);
    expect(await said(find)).toEqual([
      `> ${SETTINGS} Parse(named) Bind(named) Describe Execute Sync`,
      `< ${SET} ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)`,
    ]);
    for (let again = 0; again < 2; again++) {
      expect(await said(find)).toEqual([
        `> ${SETTINGS} Bind(named) Execute Sync`,
        `< ${SET} BindComplete DataRow Complete(SELECT 1) Ready(I)`,
      ]);
    }
  });

  test("with several settings", async () => {
    const { scoped } = await listened();
    const several = scoped({ ...ACME, "app.user_id": "u", "app.role": "staff" });
    const find = () => several.execute(sql`select 1 as one`);
    await find();
    await find();
    expect(await said(find)).toEqual([
      `> ${SETTINGS} Bind(named) Execute Sync`,
      `< ${SET} BindComplete DataRow Complete(SELECT 1) Ready(I)`,
    ]);
  });

  test("without names", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const find = () => scoped(ACME).select().from(notes).where(eq(notes.id, 1));
    for (let again = 0; again < 3; again++) {
      expect(await said(find)).toEqual([
        "> Parse Bind Execute Parse Bind Describe Execute Sync",
        `< ParseComplete ${SET} ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)`,
      ]);
    }
  });

  test("and so is one that fails: in the settings, in the statement, after it", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const flight = "> Parse Bind Execute Parse Bind Describe Execute Sync";
    const inSettings = () => scoped({ "not a setting": "x" }).execute(sql`select 1`);
    expect(await said(inSettings)).toEqual([flight, "< ParseComplete BindComplete Error Ready(I)"]);
    const inStatement = () => scoped(ACME).execute(sql`select 1 / 0`);
    expect(await said(inStatement)).toEqual([flight, `< ParseComplete ${SET} ParseComplete Error Ready(I)`]);
    await (await database.observer()).query(
      "create table replies (note int references notes deferrable initially deferred)",
    );
    const afterIt = () => scoped(ACME).execute(sql`insert into replies values (99)`);
    expect(await said(afterIt)).toEqual([
      flight,
      `< ParseComplete ${SET} ParseComplete BindComplete NoData Complete(INSERT 0 1) Error Ready(I)`,
    ]);
  });

  test("also where several run at once: each has the connection to itself", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const lines = await said(() =>
      Promise.all(["a", "b"].map((id) => scoped({ "app.tenant_id": id }).execute(sql`select 1`))),
    );
    expect(lines.filter((line) => line.startsWith(">"))).toEqual([
      "> Parse Bind Execute Parse Bind Describe Execute Sync",
      "> Parse Bind Execute Parse Bind Describe Execute Sync",
    ]);
  });
});

describe("a scoped transaction", () => {
  test("begins in its first statement's round trip, and ends in one", async () => {
    const { scoped } = await listened();
    const work = () =>
      scoped(ACME).transaction((tx) => tx.execute(sql`select 1`), { isolationLevel: "serializable" });
    for (let again = 0; again < 2; again++) await work();
    expect(await said(work)).toEqual([
      `> Bind(named) Execute ${SETTINGS} Bind(named) Execute Sync`,
      `< BindComplete Complete(BEGIN) ${SET} BindComplete DataRow Complete(SELECT 1) Ready(T)`,
      "> Query(commit)",
      "< Complete(COMMIT) Ready(I)",
    ]);
  });

  test("with a setting that is refused ends there", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const lines = await said(() =>
      scoped({ "not a setting": "x" }).transaction((tx) => tx.execute(sql`select 1`)),
    );
    expect(lines).toEqual([
      "> Parse Bind Execute Parse Bind Execute Parse Bind Describe Execute Sync",
      "< ParseComplete BindComplete Complete(BEGIN) ParseComplete BindComplete Error Ready(E)",
      "> Query(rollback)",
      "< Complete(ROLLBACK) Ready(I)",
    ]);
  });

  test("without a statement sends nothing", async () => {
    const { scoped } = await listened();
    proxy.take();
    expect(await scoped(ACME).transaction(async () => "nothing")).toBe("nothing");
    const boom = new Error("boom");
    await expect(scoped(ACME).transaction(() => Promise.reject(boom))).rejects.toBe(boom);
    expect(proxy.take()).toEqual([]);
  });

  test("that begins with SET TRANSACTION has its settings after it, where they may be", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const work = () =>
      scoped(ACME).transaction(async (tx) => {
        await tx.setTransaction({ isolationLevel: "serializable" });
        const { rows } = await tx.execute(
          sql`select current_setting('transaction_isolation') as level, current_setting('app.tenant_id') as tenant`,
        );
        expect(rows).toEqual([{ level: "serializable", tenant: "acme" }]);
      });
    const sent = (await said(work)).filter((line) => line.startsWith(">"));
    expect(sent).toEqual([
      "> Parse Bind Execute Parse Bind Describe Execute Sync",
      "> Parse Bind Execute Parse Bind Describe Execute Sync",
      "> Query(commit)",
    ]);
  });

  test("that begins with several statements in one text, which go by the simple protocol", async () => {
    const { scoped } = await listened({ prepare: "off" });
    const work = () => scoped(ACME).transaction((tx) => tx.execute(sql`select 1; select 2`));
    const sent = (await said(work)).filter((line) => line.startsWith(">"));
    expect(sent).toEqual([
      "> Parse Bind Execute Parse Bind Describe Execute Sync",
      "> Query(select 1; select 2)",
      "> Query(commit)",
    ]);
  });
});

describe("a connection that comes back", () => {
  test("says nothing where nothing was run, or what leaves nothing behind, also with a hook", async () => {
    const { pool } = await listened({ onConnect: (client) => client.query("set work_mem = '7MB'") });
    proxy.take();
    (await pool.connect()).release();
    expect(proxy.take()).toEqual([]);
    const client = await pool.connect();
    for (const text of ["begin", "select 1", "commit"]) await client.query(text);
    client.release();
    await pool.query("select 1");
    expect(proxy.take().filter((line) => line.startsWith(">"))).toEqual(
      ["begin", "select 1", "commit", "select 1"].map((text) => `> Query(${text})`),
    );
  });

  test("is reset in one round trip, in which its settings are made again", async () => {
    const { pool } = await listened({ session: { TimeZone: "Pacific/Auckland" } });
    const client = await pool.connect();
    await client.query("set TimeZone to 'UTC'");
    proxy.take();
    client.release();
    expect(pool.getStats()).toMatchObject({ totalCount: 1, idleCount: 1, usedCount: 0 });
    expect((await pool.query("show TimeZone")).rows).toEqual([{ TimeZone: "Pacific/Auckland" }]);
    expect(proxy.take().filter((line) => line.startsWith(">"))).toEqual([
      expect.stringMatching(
        /^> Query\(reset .*select pg_catalog\.set_config\('TimeZone', 'Pacific\/Auckland', false\)\)$/,
      ),
      "> Query(show TimeZone)",
    ]);
  });
});

describe("an unscoped statement", () => {
  test("with parameters gets a name at its second execution", async () => {
    const { db } = await listened();
    const find = () => db.select().from(notes).where(eq(notes.id, 1));
    expect(await said(find)).toEqual([
      "> Parse Bind Describe Execute Sync",
      "< ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)",
    ]);
    expect(await said(find)).toEqual([
      "> Parse(named) Bind(named) Describe Execute Sync",
      "< ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)",
    ]);
    expect(await said(find)).toEqual([
      "> Bind(named) Execute Sync",
      "< BindComplete DataRow Complete(SELECT 1) Ready(I)",
    ]);
  });

  test("that returns no rows is not described again either", async () => {
    const { db } = await listened();
    const touch = () => db.update(notes).set({ body: "first" }).where(eq(notes.id, 1));
    await touch();
    expect(await said(touch)).toEqual([
      "> Parse(named) Bind(named) Describe Execute Sync",
      "< ParseComplete BindComplete NoData Complete(UPDATE 1) Ready(I)",
    ]);
    expect(await said(touch)).toEqual([
      "> Bind(named) Execute Sync",
      "< BindComplete Complete(UPDATE 1) Ready(I)",
    ]);
  });

  test("without parameters is one message, as in pg", async () => {
    const { db } = await listened();
    for (let again = 0; again < 3; again++) {
      expect(await said(() => db.execute(sql`select 1`))).toEqual([
        "> Query(select 1)",
        "< RowDescription DataRow Complete(SELECT 1) Ready(I)",
      ]);
    }
  });
});

test("a statement that makes room for another is closed in front of the next one, in its round trip", async () => {
  const { pool } = await listened();
  const nth = (n: number) => pool.query(`select ${n} + $1::int as sum`, [0]);
  for (let n = 1; n <= 101; n++) {
    await nth(n);
    if (n < 101) await nth(n);
  }
  expect(await said(() => nth(101))).toEqual([
    "> Close Parse(named) Bind(named) Describe Execute Sync",
    "< CloseComplete ParseComplete BindComplete RowDescription DataRow Complete(SELECT 1) Ready(I)",
  ]);
  expect(pool.getTotals().statements).toEqual({ hits: 0, prepared: 101, evicted: 1, givenUp: 0 });
  const { rows } = await pool.query("select count(*)::int as n from pg_prepared_statements");
  expect(rows).toEqual([{ n: 100 }]);
});
