import { waitFor } from "@openhouse/pool-testing";
import { describe, expect, test } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { expiryOf } from "../../src/connection/max-lifetime.ts";
import type { Pool } from "../../src/pool.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();

function open(options: PoolOptions): { pool: Pool; expiredAtMs: number[] } {
  const pool = database.pool({ idleTimeoutMillis: 0, ...options });
  const expiredAtMs: number[] = [];
  pool.events.on("destroyed", ({ reason }) => {
    if (reason === "expired") expiredAtMs.push(performance.now());
  });
  return { pool, expiredAtMs };
}

describe("connections born together", () => {
  test("have lifetimes that are spread: 100 of them over a tenth of the longest", () => {
    const bornAtMs = performance.now();
    const lifetimes = Array.from({ length: 100 }, () => expiryOf(10_000) - bornAtMs).sort((a, b) => a - b);
    expect(lifetimes[0]).toBeGreaterThanOrEqual(9_000);
    expect(lifetimes[99]).toBeLessThanOrEqual(10_100);
    expect((lifetimes[99] ?? 0) - (lifetimes[0] ?? 0)).toBeGreaterThan(800);
    // In none of ten equal slices is more than a third: 100 even draws miss that once in 10 million runs.
    for (let slice = 0; slice < 10; slice++) {
      const [from, to] = [9_000 + slice * 100, 9_100 + slice * 100];
      expect(lifetimes.filter((each) => each >= from && each < to).length).toBeLessThan(34);
    }
  });

  test("do not leave together: 20 of them, on the server", async () => {
    const { pool, expiredAtMs } = open({ max: 20, min: 20, maxLifetimeMs: 3_000 });
    const bornAtMs = performance.now();
    await pool.warmUp();
    const bornWithinMs = performance.now() - bornAtMs;
    await waitFor(() => expiredAtMs.length >= 20, {
      timeoutMs: 10_000,
      what: "the first generation to expire",
    });
    const [first = 0, last = 0] = [expiredAtMs[0], expiredAtMs[19]];
    expect(first - bornAtMs).toBeGreaterThanOrEqual(2_700 - 1);
    // 300 ms of jitter: 20 even draws within half of it happen once in 25,000 runs.
    expect(last - first).toBeGreaterThan(150);
    expect(last - first).toBeLessThan(300 + bornWithinMs + 1_000);
  });
});

describe("a lifetime", () => {
  test("is fixed at birth: using a connection all the time does not prolong it", async () => {
    const { pool, expiredAtMs } = open({ max: 1, maxLifetimeMs: 500 });
    const bornAtMs = performance.now();
    const pid = await backendPid(pool);
    while ((await backendPid(pool)) === pid) expect(performance.now() - bornAtMs).toBeLessThan(2_000);
    expect((expiredAtMs[0] ?? 0) - bornAtMs).toBeGreaterThanOrEqual(450);
  });

  test("ends on release for a connection in use, which is not taken from its holder", async () => {
    const { pool, expiredAtMs } = open({ max: 1, maxLifetimeMs: 200 });
    const client = await pool.connect();
    const pid = await backendPid(client);
    await client.query("select pg_sleep(0.4)");
    expect(expiredAtMs).toEqual([]);
    expect(await backendPid(client)).toBe(pid);
    client.release();
    expect(await backendPid(pool)).not.toBe(pid);
    expect(expiredAtMs).toHaveLength(1);
  });

  test("ends while idle, with nobody asking for a connection", async () => {
    const { pool, expiredAtMs } = open({ max: 1, maxLifetimeMs: 200 });
    const pid = await backendPid(pool);
    const observer = await database.observer();
    const alive = async () =>
      (await observer.query("select 1 from pg_stat_activity where pid = $1", [pid])).rows.length > 0;
    await waitFor(async () => !(await alive()), { what: "the backend to be gone" });
    expect(expiredAtMs).toHaveLength(1);
    expect(pool.totalCount).toBe(0);
  });

  test("of 0 has no end", () => {
    expect(expiryOf(0)).toBe(Number.POSITIVE_INFINITY);
  });
});

test("the minimum is filled up in the background, again and again", async () => {
  const { pool, expiredAtMs } = open({ max: 4, min: 2, maxLifetimeMs: 200 });
  await pool.warmUp();
  await waitFor(() => expiredAtMs.length >= 6, { what: "three generations to expire" });
  await waitFor(() => pool.idleCount === 2, { what: "the minimum" });
  expect(pool.totalCount).toBe(2);
  expect(pool.getTotals()).toMatchObject({ acquired: 0 });
});
