import { AcquireTimeoutError, Pool } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import { afterEach, expect, test, vi } from "vitest";
import {
  db,
  dbForStrangers,
  dbInBackground,
  disconnect,
  forTenant,
  forTenantAsStranger,
  forTenantInBackground,
  getBackgroundStats,
  getPoolStats,
  getStrangersStats,
} from "../src/client.ts";
import { developments } from "../src/schema/index.ts";
import { backgroundShare, strangersShare } from "../src/shares.ts";
import { usePortalDatabase } from "./support/portal-database.ts";
import { HARBOUR, NORTHGATE } from "./support/tenants.ts";

const database = usePortalDatabase();

/** A latch that work in a test waits for. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Opens the process's pool anew, with at most `max` connections. */
async function withPoolOf(max: number): Promise<void> {
  await disconnect();
  vi.stubEnv("DB_POOL_MAX", String(max));
  vi.stubEnv("DB_POOL_MIN", "0");
}

afterEach(() => {
  vi.stubEnv("DB_POOL_MAX", undefined);
  vi.stubEnv("DB_POOL_MIN", undefined);
});

test("background work sees its tenant's rows, and unscoped work none", async () => {
  const names = await forTenantInBackground(NORTHGATE).select({ name: developments.name }).from(developments);
  expect(names).toEqual(await forTenant(NORTHGATE).select({ name: developments.name }).from(developments));
  expect(names).not.toEqual([]);
  expect(await dbInBackground.select().from(developments)).toEqual([]);
});

test("an id that is no UUID is refused, and the actor is told to the database", async () => {
  expect(() => forTenantInBackground("nobody")).toThrow(expect.objectContaining({ code: "TENANT_ID" }));
  const { rows } = await forTenantInBackground(HARBOUR, { role: "job" }).execute(
    sql`select current_setting('app.role', true) as role, guard.tenant() as tenant`,
  );
  expect(rows).toEqual([{ role: "job", tenant: HARBOUR }]);
});

test("however much there is to do, a quarter of the pool is used at once, and all of it is done", async () => {
  await withPoolOf(8);
  const share = 2;
  let immediate = 0;
  let most = 0;
  const work = () =>
    forTenantInBackground(HARBOUR).transaction(async (tx) => {
      most = Math.max(most, ++immediate);
      await tx.execute(sql`select pg_sleep(0.005)`);
      immediate--;
    });
  await Promise.all(Array.from({ length: 24 }, work));
  expect(most).toBe(share);
  await waitFor(() => getBackgroundStats().usedCount === 0, { what: "the share to be free" });
  expect(getBackgroundStats()).toEqual({ usedCount: 0, waitingCount: 0, max: share });
});

test("those who wait are served in the order they came, and none is overtaken by a newcomer", async () => {
  await withPoolOf(4);
  const held = gate();
  const order: number[] = [];
  const first = dbInBackground.transaction(() => held.passed);
  await waitFor(() => getBackgroundStats().usedCount === 1, { what: "the share to be held" });
  const queued = Array.from({ length: 5 }, (_, n) =>
    dbInBackground.execute(sql`select 1`).then(() => order.push(n)),
  );
  await waitFor(() => getBackgroundStats().waitingCount === 5, { what: "five to wait" });
  held.open();
  const newcomer = dbInBackground.execute(sql`select 1`).then(() => order.push(5));
  await Promise.all([first, ...queued, newcomer]);
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
});

/** How long requests wait for a connection, in the middle, beside 30 callers that keep a pool of four busy. */
async function waitBeside(flooding: () => Promise<unknown>, stands: () => number): Promise<number> {
  const stop = new AbortController();
  const flood = Array.from({ length: 30 }, async () => {
    while (!stop.signal.aborted) await flooding();
  });
  await waitFor(() => stands() >= 20, { what: "the flood to stand in line" });
  const waits: number[] = [];
  for (let request = 0; request < 11; request++) {
    const startedAt = performance.now();
    await forTenant(HARBOUR).transaction(async () => waits.push(performance.now() - startedAt));
  }
  stop.abort();
  await Promise.all(flood);
  return waits.sort((a, b) => a - b)[5] ?? Number.NaN;
}

test("a flood of background work does not keep requests waiting, as a flood of requests would", async () => {
  await withPoolOf(4);
  const work = sql`select pg_sleep(0.025)`;
  const line: number[] = [];
  const behindShare = await waitBeside(
    async () => {
      await forTenantInBackground(HARBOUR).execute(work);
      line.push(getPoolStats().waitingCount);
    },
    () => getBackgroundStats().waitingCount,
  );
  expect(Math.max(...line)).toBeLessThanOrEqual(2);
  const behindAll = await waitBeside(
    () => forTenant(HARBOUR).execute(work),
    () => getPoolStats().waitingCount,
  );
  // Some 26 stand in front, on four connections: 160 ms, on a quiet machine.
  expect(behindAll).toBeGreaterThan(80);
  expect(behindShare).toBeLessThan(behindAll / 3);
});

test("who waits for a turn has one as soon as the pool has grown and anybody gives a connection back", async () => {
  const pool = new Pool({ connectionString: database().appUrl, max: 4, min: 0 });
  try {
    const share = backgroundShare(pool);
    const holder = await share.acquire();
    const order: string[] = [];
    const waiting = share.acquire().then((client) => {
      order.push("waiting");
      return client;
    });
    pool.resize({ max: 12 });
    const newcomer = share.acquire().then((client) => {
      order.push("newcomer");
      return client;
    });
    for (const client of await Promise.all([waiting, newcomer])) client.release();
    expect(order).toEqual(["waiting", "newcomer"]);
    const others = [await share.acquire(), await share.acquire()];
    const last = share.acquire();
    pool.resize({ max: 16 });
    (await pool.acquire()).release();
    (await last).release();
    for (const client of [holder, ...others]) client.release();
  } finally {
    await pool.end();
  }
});

test("work that fails, or whose connection cannot be had, gives its turn back", async () => {
  await withPoolOf(4);
  const failing = () => forTenantInBackground(HARBOUR).execute(sql`select 1 / 0`);
  const throwing = () =>
    forTenantInBackground(HARBOUR).transaction(async () => {
      throw new Error("not today");
    });
  for (let time = 0; time < 3; time++) {
    await expect(failing()).rejects.toThrow();
    await expect(throwing()).rejects.toThrow("not today");
  }
  expect((await dbInBackground.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
  await waitFor(() => getBackgroundStats().usedCount === 0, { what: "the share to be free" });
});

test("asking for a second connection is refused at once, instead of waiting for oneself", async () => {
  await withPoolOf(4);
  const nested = (outer: typeof db, inner: typeof db) =>
    outer.transaction(async () => {
      await inner.execute(sql`select 1`);
    });
  const refused = { code: "NESTED_ACQUIRE" };
  await expect(nested(dbInBackground, dbInBackground)).rejects.toMatchObject(refused);
  await expect(nested(forTenantInBackground(HARBOUR), dbInBackground)).rejects.toMatchObject(refused);
  await expect(nested(db, dbInBackground)).rejects.toMatchObject(refused);
  expect((await dbInBackground.execute(sql`select 1 as one`)).rows).toEqual([{ one: 1 }]);
});

test("a background transaction that asks the whole pool, of one, for more is refused by the pool", async () => {
  await withPoolOf(1);
  const nested = dbInBackground.transaction(async () => {
    await db.execute(sql`select 1`);
  });
  await expect(nested).rejects.toMatchObject({ code: "NESTED_ACQUIRE" });
  await dbInBackground.execute(sql`select 1`);
});

test("a turn that does not come in time is an error, and nobody's turn is lost", async () => {
  const pool = new Pool({ connectionString: database().appUrl, max: 3, min: 0 });
  const share = backgroundShare(pool, { turnTimeoutMs: 30 });
  const client = await share.acquire();
  await expect(share.acquire()).rejects.toBeInstanceOf(AcquireTimeoutError);
  expect(share.getStats()).toEqual({ usedCount: 1, waitingCount: 0, max: 1 });
  client.release();
  (await share.acquire()).release(true);
  expect((await share.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await waitFor(() => share.getStats().usedCount === 0, { what: "the turn to be given back" });
  await pool.end();
  await expect(share.query("select 1")).rejects.toMatchObject({ code: "POOL_CLOSED" });
  expect(share.getStats().usedCount).toBe(0);
  expect(share.getTotals()).toMatchObject({ timeouts: 1, canceled: 0, shed: 0, wait: { count: 4 } });
});

test("whoever gives up while waiting for a turn leaves the line at once", async () => {
  const pool = new Pool({ connectionString: database().appUrl, max: 1, min: 0 });
  const share = backgroundShare(pool);
  const client = await share.acquire();
  const reason = new Error("nobody waits for it any more");
  const giveUp = new AbortController();
  const waiting = [
    share.acquire({ signal: giveUp.signal }),
    share.query(Object.assign({ text: "select 1" }, { signal: giveUp.signal })),
  ];
  expect(share.getStats().waitingCount).toBe(2);
  giveUp.abort(reason);
  for (const each of waiting) await expect(each).rejects.toBe(reason);
  expect(share.getStats().waitingCount).toBe(0);
  expect(share.getTotals()).toMatchObject({ timeouts: 0, canceled: 2, wait: { count: 1 } });
  client.release();
  await pool.end();
});

test("those who are not signed in have three connections of twenty, however many they are, and all are served", async () => {
  await withPoolOf(20);
  const most = { used: 0, poolWaiting: 0 };
  const ask = () =>
    forTenantAsStranger(HARBOUR).transaction(async (tx) => {
      most.used = Math.max(most.used, getPoolStats().usedCount);
      most.poolWaiting = Math.max(most.poolWaiting, getPoolStats().waitingCount);
      return tx.select().from(developments);
    });
  const rows = await Promise.all(Array.from({ length: 150 }, ask));
  expect(rows.filter((found) => found.length === 0)).toEqual([]);
  expect(most.used).toBe(3);
  // While the pool opens the share's connections.
  expect(most.poolWaiting).toBeLessThanOrEqual(3);
  expect(await dbForStrangers.select().from(developments)).toEqual([]);
});

test("strangers beyond those who may wait are refused at once, and whoever is signed in is served meanwhile", async () => {
  await withPoolOf(4);
  const held = gate();
  const first = dbForStrangers.transaction(() => held.passed);
  await waitFor(() => getStrangersStats().usedCount === 1, { what: "the share to be held" });
  const queued = Array.from({ length: 200 }, () => dbForStrangers.execute(sql`select 1`).then(() => true));
  await waitFor(() => getStrangersStats().waitingCount === 200, { what: "all to wait" });
  await expect(dbForStrangers.execute(sql`select 1`)).rejects.toMatchObject({
    cause: { code: "POOL_SATURATED" },
  });
  expect(await forTenant(HARBOUR).select().from(developments)).not.toEqual([]);
  held.open();
  expect(await Promise.all([first, ...queued])).toHaveLength(201);
});

test("one tenant's callers that fill the places make room for another's, the last of them first", async () => {
  const pool = new Pool({ connectionString: database().appUrl, max: 4, min: 0 });
  const share = strangersShare(pool, { maxWaiting: 4 });
  const held = await share.acquire();
  const served: string[] = [];
  const ask = (tenant: string, name: string) =>
    share.acquire({ tenant }).then((client) => {
      served.push(name);
      client.release();
    });
  const flood = [1, 2, 3, 4].map((n) => ask(HARBOUR, `flood ${n}`));
  const crowdedOut = expect(flood[3]).rejects.toMatchObject({ code: "POOL_SATURATED" });
  const other = ask(NORTHGATE, "other");
  await crowdedOut;
  await expect(ask(HARBOUR, "flood 5")).rejects.toMatchObject({ code: "POOL_SATURATED" });
  expect(share.getTotals().shed).toBe(2);
  held.release();
  await Promise.all([...flood.slice(0, 3), other]);
  expect(served).toEqual(["flood 1", "other", "flood 2", "flood 3"]);
  await pool.end();
});

test("who has given up before asking takes nobody's place", async () => {
  const pool = new Pool({ connectionString: database().appUrl, max: 4, min: 0 });
  const share = strangersShare(pool, { maxWaiting: 2 });
  const held = await share.acquire();
  const waiting = [1, 2].map(() => share.acquire({ tenant: HARBOUR }).then((client) => client.release()));
  const reason = new Error("gone");
  const gone = share.acquire({ tenant: NORTHGATE, signal: AbortSignal.abort(reason) });
  await expect(gone).rejects.toBe(reason);
  expect(share.getStats().waitingCount).toBe(2);
  held.release();
  await Promise.all(waiting);
  await pool.end();
});

test("the share of a small pool is one connection, and of a large one three", () => {
  const of = (max: number) =>
    strangersShare(new Pool({ connectionString: database().appUrl, max, min: 0 })).max;
  expect([1, 3, 4, 10, 20, 1_000].map(of)).toEqual([1, 1, 1, 2, 3, 3]);
});
