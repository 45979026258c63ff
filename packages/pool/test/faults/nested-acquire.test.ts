import { waitFor } from "@openhouse/pool-testing";
import { nestedAcquire } from "@openhouse/tooling/faults/nested-acquire";
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { runHolding } from "../../src/acquire/held-connections.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { AcquireTimeoutError, NestedAcquireError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;
const one = sql`select 1 as one`;
const ONE = [{ one: 1 }];
/** Far below the deadline of the acquires, which is 5 s: "at once" on a machine that is busy. */
const AT_ONCE_MS = 1_000;

afterEach(() => vi.unstubAllEnvs());

function open(max: number): { pool: Pool; db: ReturnType<typeof drizzleOverPool>["db"] } {
  const pool = database.pool({ max, connectionTimeoutMillis: 5_000 });
  return { pool, db: drizzleOverPool(() => pool, {}).db };
}

/** Lets `count` callers pass together, when all have come. */
function meeting(count: number): () => Promise<void> {
  let open: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  let come = 0;
  return () => {
    come++;
    if (come === count) open();
    return all;
  };
}

describe("code that could only wait for ever is refused at once", () => {
  test("on max 1: `db` inside its own transaction", async () => {
    const { pool, db } = open(1);
    const startedAtMs = performance.now();
    const failed = db.transaction(async () => await db.execute(one));
    await expect(failed).rejects.toBeInstanceOf(NestedAcquireError);
    expect(performance.now() - startedAtMs).toBeLessThan(AT_ONCE_MS);
    expect((await db.execute(one)).rows).toEqual(ONE);
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 });
  });

  test("on max 4: four transactions that each want another; one is refused, and the others are served", async () => {
    const outcome = await nestedAcquire(database.ours());
    expect(outcome).toMatchObject({ served: "3 of 4", refused: "NestedAcquireError", slotsLost: 0 });
    expect(outcome.toldAfterMs).toBeLessThan(AT_ONCE_MS);
  });

  test("on max 2: a transaction of its own inside a transaction, and `db` inside that", async () => {
    const { db } = open(2);
    const startedAtMs = performance.now();
    const failed = db.transaction(() => db.transaction(async () => await db.execute(one)));
    await expect(failed).rejects.toBeInstanceOf(NestedAcquireError);
    expect(performance.now() - startedAtMs).toBeLessThan(AT_ONCE_MS);
  });

  test("but not where one of those who hold a connection has given up waiting: it may yet come back", async () => {
    const { pool } = open(2);
    const [one, other] = [await pool.connect(), await pool.connect()];
    const impatient = runHolding({ pool, client: one }, () => pool.acquire({ timeoutMs: 50 }));
    await expect(impatient).rejects.toBeInstanceOf(AcquireTimeoutError);
    const patient = runHolding({ pool, client: other }, () => pool.query("select 1 as n"));
    one.release();
    expect((await patient).rows).toEqual([{ n: 1 }]);
    other.release();
  });

  test("where the connection is held by hand", async () => {
    const { pool } = open(1);
    const client = await pool.connect();
    const failed = runHolding({ pool, client }, () => pool.query("select 1"));
    await expect(failed).rejects.toBeInstanceOf(NestedAcquireError);
    client.release();
  });
});

describe("code that can be served is served", () => {
  test("when a connection is free", async () => {
    const { db } = open(2);
    expect((await db.transaction(async () => await db.execute(one))).rows).toEqual(ONE);
  });

  test("when a holder that waits for nobody gives its connection back", async () => {
    const { pool, db } = open(2);
    const raw = await pool.connect();
    const nested = db.transaction(async () => await db.execute(one));
    await waitFor(() => pool.waitingCount === 1, { what: "the nested caller to wait" });
    raw.release();
    expect((await nested).rows).toEqual(ONE);
  });

  test("when one of those who hold and wait has given up waiting", async () => {
    const { pool, db } = open(2);
    const goOn = meeting(2);
    const raw = await pool.connect();
    let gaveUp = false;
    const first = db.transaction(async () => {
      await pool.acquire({ timeoutMs: 100 }).catch(caught);
      gaveUp = true;
      await goOn();
    });
    await waitFor(() => gaveUp, { what: "the first to give up waiting" });
    raw.release();
    const second = db.transaction(async () => await db.execute(one));
    await waitFor(() => pool.waitingCount === 1, { what: "the second to wait" });
    await Promise.all([goOn(), first]);
    expect((await second).rows).toEqual(ONE);
  });

  test("when it was begun inside a transaction that is over, whose connection is somebody else's now", async () => {
    const { pool, db } = open(1);
    let later: () => Promise<unknown> = () => Promise.reject(new Error("not begun"));
    const begin = meeting(2);
    await db.transaction(async () => {
      const begun = begin().then(() => db.execute(one)); // a job that nobody waits for
      later = () => begun;
    });
    await db.transaction(async (tx) => {
      await begin();
      await waitFor(() => pool.waitingCount === 1, { what: "the job to wait for this transaction's end" });
      await tx.execute(one);
    });
    expect(await later()).toMatchObject({ rows: ONE });
  });

  test("on another pool", async () => {
    const { db } = open(1);
    const { db: other } = open(1);
    const both = db.transaction(() => other.transaction(async (tx) => (await tx.execute(one)).rows));
    expect(await both).toEqual(ONE);
  });
});

describe("a nested acquire that is served", () => {
  const twoPlaces = async (db: ReturnType<typeof open>["db"], pool: Pool) => {
    await db.transaction(async () => {
      for (let i = 0; i < 3; i++) await pool.query("select 'here'");
      await pool.query("select 'there'");
    });
  };

  test("is warned about in development, once per call site", async () => {
    vi.stubEnv("NODE_ENV", "development");
    const { pool, db } = open(2);
    const callSites: string[] = [];
    pool.events.on("nestedAcquire", ({ callSite }) => callSites.push(callSite));
    await pool.query("select 'not nested'");
    for (let i = 0; i < 2; i++) await twoPlaces(db, pool);
    expect(callSites).toHaveLength(2);
    for (const callSite of callSites) expect(callSite).toContain("nested-acquire.test.ts");
  });

  test("costs nothing in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const { pool, db } = open(2);
    const callSites: string[] = [];
    pool.events.on("nestedAcquire", ({ callSite }) => callSites.push(callSite));
    await twoPlaces(db, pool);
    expect(callSites).toEqual([]);
  });
});
