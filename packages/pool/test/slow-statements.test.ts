import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { type DrizzleOverPool, drizzleOverPool } from "../src/drizzle/database.ts";
import type { Pool } from "../src/pool.ts";
import { keepLines, type LogLine } from "./support/log-lines.ts";
import { useDatabase } from "./support/pools.ts";

const notes = pgTable("notes", { id: integer(), body: text().notNull() });
const schema = { notes };
const database = useDatabase();
const HERE = "slow-statements.test.ts";
const SECRET = "hunter2-is-a-row-value";
/** Longer than the threshold of these tests, in seconds. */
const NAP = sql`pg_sleep(0.06)`;
const THRESHOLD_MS = 40;
const WHOSE = {
  poolName: "pool",
  mode: "pool",
  host: expect.any(String),
  port: expect.any(Number),
  database: expect.any(String),
};

beforeAll(async () => {
  await database.pool().query(`create table notes (id int, body text not null);
    insert into notes values (1, 'one'), (2, 'two')`);
});

function logged(options: PoolOptions = {}) {
  const { lines, logger } = keepLines();
  const pool = database.pool({ slowQueryMs: THRESHOLD_MS, logger, ...options });
  /** What was said of the statements that slept: on a busy machine others may be slow, too. */
  const slow = () => lines.filter(isSlowNap).map(({ fields }) => fields);
  return { pool, slow, lines, ...drizzleOverPool(() => pool, schema) };
}

function isSlowNap({ event, fields }: LogLine): boolean {
  return event === "db.query.slow" && String(fields.statement).includes("pg_sleep");
}

type Drizzle = Omit<ReturnType<DrizzleOverPool<typeof schema>["scoped"]>, "batch" | "transaction">;

const queries: [string, (db: Drizzle) => PromiseLike<unknown>][] = [
  ["a select", (db) => db.select({ id: notes.id, nap: NAP }).from(notes).limit(1)],
  ["a select that is awaited elsewhere", (db) => elsewhere(db.select({ nap: NAP }).from(notes).limit(1))],
  ["a select with a CTE", (db) => db.with(cte(db)).select().from(cte(db)).limit(1)],
  [
    "a relational query",
    (db) => db.query.notes.findFirst({ extras: { nap: sql`pg_sleep(0.06)::text`.as("nap") } }),
  ],
  ["an insert", (db) => db.insert(notes).values({ id: 9, body: sql`pg_sleep(0.06)::text || ${SECRET}` })],
  [
    "an update",
    (db) =>
      db
        .update(notes)
        .set({ body: sql`pg_sleep(0.06)::text || ${SECRET}` })
        .where(sql`id = 9`),
  ],
  ["a delete", (db) => db.delete(notes).where(sql`id = 2 and pg_sleep(0.06) is null`)],
  ["a raw statement", (db) => db.execute(sql`select pg_sleep(0.06), ${SECRET}`)],
  ["a count", (db) => db.$count(notes, sql`pg_sleep(0.06) is not null`)],
  ["a prepared query", (db) => db.select({ nap: NAP }).from(notes).limit(1).prepare("napping").execute()],
];

async function elsewhere(query: PromiseLike<unknown>): Promise<unknown> {
  await Promise.resolve();
  return await query;
}

function cte(db: Drizzle) {
  return db.$with("napped").as(db.select({ nap: sql`pg_sleep(0.06)::text`.as("nap") }).from(notes));
}

describe.each(queries)(
  "%s with Drizzle that is slow is logged with the place that built it",
  (_what, run) => {
    const place = new RegExp(`${HERE}:\\d+:\\d+`);

    test("by itself", async () => {
      const { db, slow } = logged();
      await run(db);
      expect(slow()).toEqual([expect.objectContaining({ callSite: expect.stringMatching(place) })]);
    });

    test("in a scope", async () => {
      const { scoped, slow } = logged();
      await run(scoped({ "app.tenant_id": "t" }));
      expect(slow()).toEqual([expect.objectContaining({ callSite: expect.stringMatching(place) })]);
    });

    test("in a transaction, and in one nested in it", async () => {
      const { db, slow } = logged();
      await db.transaction(async (tx) => {
        await run(tx);
        await tx.transaction(async (nested) => void (await run(nested)));
      });
      expect(slow()).toHaveLength(2);
      for (const fields of slow()) expect(fields.callSite).toMatch(place);
    });
  },
);

function napAndRead(db: Drizzle) {
  return [db.select({ nap: NAP }).from(notes).limit(1), db.select().from(notes)] as const;
}

test("a slow batch is logged with the place that built its first query, wherever it was sent from", async () => {
  const { db, scoped, slow } = logged();
  for (const handle of [db, scoped({ "app.tenant_id": "t" })]) {
    await handle.batch(napAndRead(handle));
    await handle.transaction((tx) => tx.batch(napAndRead(tx)));
  }
  expect(slow()).toHaveLength(4);
  for (const { callSite } of slow())
    expect(callSite).toMatch(/^napAndRead \(.*slow-statements\.test\.ts:\d+:\d+\)$/);
});

async function askPool(pool: Pool) {
  return await pool.query("select pg_sleep(0.06), $1::text", [SECRET]);
}

describe("a slow statement is logged", () => {
  test("with its duration, rows, fingerprint and text, as a warning", async () => {
    const { pool, lines } = logged();
    await pool.query("select n, pg_sleep(0.03) from generate_series(1, 2) n where $1::text is not null", [
      SECRET,
    ]);
    const [line] = lines.filter(isSlowNap);
    expect(line).toEqual({
      level: "warn",
      event: "db.query.slow",
      fields: {
        ...WHOSE,
        durationMs: expect.any(Number),
        waitedMs: expect.any(Number),
        rows: 2,
        callSite: expect.stringContaining(HERE),
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        statement: "select n, pg_sleep(?) from generate_series(?) n where ?::text is not null",
      },
    });
    expect(line?.fields.durationMs).toBeGreaterThanOrEqual(THRESHOLD_MS);
  });

  test("with the wait for its connection", async () => {
    const { pool, slow } = logged({ max: 1 });
    await Promise.all([askPool(pool), askPool(pool)]);
    const [first, second] = slow();
    expect(second?.waitedMs).toBeGreaterThanOrEqual(Number(first?.durationMs) - 1);
    expect(first?.callSite).toMatch(new RegExp(`askPool.*${HERE}`));
    expect(second?.callSite).toMatch(new RegExp(`askPool.*${HERE}`));
  });

  test("with its SQLSTATE when it fails", async () => {
    const { pool, slow } = logged();
    await expect(pool.query("select pg_sleep(0.06), 1 / $1::int", [0])).rejects.toThrow();
    await expect(
      pool.query("do $$ begin perform pg_sleep(0.06), 'hunter2'; raise 'x' using errcode = '23505'; end $$"),
    ).rejects.toThrow();
    const failed = pool.query({ text: "select pg_sleep(5)", query_timeout: 60 } as never);
    await expect(failed).rejects.toThrow();
    expect(slow().map(({ error, rows }) => [error, rows])).toContainEqual(["timeout", undefined]);
  });

  test("also where callers have a client in hand, with the place of the statement", async () => {
    const { pool, slow } = logged();
    const client = await pool.connect();
    await askClient(client);
    await new Promise((resolve) => client.query("select pg_sleep(0.06)", resolve));
    client.release();
    expect(slow()[0]?.callSite).toMatch(new RegExp(`askClient.*${HERE}`));
    expect(slow()[1]?.callSite).toMatch(HERE);
  });

  test("never with values: those of the statements above", async () => {
    const { db, pool, lines } = logged();
    for (const [, run] of queries) await run(db);
    await askPool(pool);
    await pool.query(`select pg_sleep(0.06), '${SECRET}'`);
    expect(lines.filter(isSlowNap)).toHaveLength(queries.length + 2);
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });
});

async function askClient(client: { query(text: string): Promise<unknown> }) {
  return await client.query("select pg_sleep(0.06)");
}

describe("nothing is logged", () => {
  test("of a statement that is quick", async () => {
    const { db, pool, lines } = logged({ slowQueryMs: 60_000 });
    await db.select({ nap: NAP }).from(notes).limit(1);
    await askPool(pool);
    expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  test("where it is turned off; no place is looked for then", async () => {
    const { db, pool, lines } = logged({ slowQueryMs: 0 });
    const taken = countingTraces();
    await db.select({ nap: NAP }).from(notes).limit(1);
    const first = taken.count; // building the first query asks no pool
    for (let i = 0; i < 5; i++) await db.select().from(notes);
    await db.transaction(async (tx) => await tx.select().from(notes));
    (await pool.acquire()).release();
    taken.stop();
    expect(first).toBeLessThanOrEqual(1);
    expect(taken.count).toBe(first);
    expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
  });
});

/** Counts the stack traces that are taken on request. */
function countingTraces() {
  const { captureStackTrace } = Error;
  const counted = {
    count: 0,
    stop: () => {
      Error.captureStackTrace = captureStackTrace;
    },
  };
  Error.captureStackTrace = (...call) => {
    counted.count++;
    captureStackTrace(...call);
  };
  return counted;
}
