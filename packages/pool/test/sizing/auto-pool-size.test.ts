import { waitFor } from "@openhouse/pool-testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Client } from "../../src/query/client.ts";
import { AutoPoolSize, type ShareOfPool } from "../../src/sizing/auto-pool-size.ts";
import { DurationHistogram } from "../../src/telemetry/histogram.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { poolMetrics } from "../../src/telemetry/pool-families.ts";
import { useDatabase } from "../support/pools.ts";

const MINUTE_MS = 60_000;
/** Of the role: 16 for the fleet. */
const LIMIT = 20;

const database = useDatabase();
const line = vi.fn<Logger["info"]>();
const logger: Logger = { keepsFields: true, info: line, warn: line, error: () => {} };

beforeEach(async () => {
  const observer = await database.observer();
  await observer.query(`create role sized login password 'x' connection limit ${LIMIT}`);
  database.keep({ end: () => dropRole() });
});
afterEach(() => line.mockClear());

async function dropRole() {
  const client = new Client(database.options());
  await client.connect();
  await waitFor(
    () =>
      client.query("drop role sized").then(
        () => true,
        () => false,
      ),
    { what: "the role to be gone" },
  );
  await client.end();
}

const options = (application_name: string) => ({
  ...database.options(),
  user: "sized",
  password: "x",
  application_name,
});

async function connected(name: string): Promise<Client> {
  const client = new Client(options(name));
  await client.connect();
  return database.keep(client);
}

/** A pool of instance `a@1` that sizes itself, and a look at it, as of that minute. */
async function sized(poolOptions: object = {}, shares: readonly ShareOfPool[] = []) {
  const pool = database.pool({ ...options("a@1 /"), min: 2, max: 3, maxWaiting: 100, ...poolOptions });
  const auto = new AutoPoolSize(pool, { logger, shares });
  const probe = await connected("a@1");
  expect(pool.getStats().maxReason).toBe("start");
  return { pool, auto, probe, look: (minute: number) => auto.look(probe, minute * MINUTE_MS) };
}

const crowd = (pool: ReturnType<typeof database.pool>) =>
  Promise.all(Array.from({ length: 40 }, () => pool.query("select pg_sleep(0.005)")));

test("a pool grows while callers wait, up to its share of what the fleet may have, and the log says why", async () => {
  await connected("a@2");
  const { pool, look } = await sized();
  await look(0);
  expect(pool.getStats()).toMatchObject({ max: 3, maxReason: "enough" });
  await crowd(pool);
  await look(0.8);
  expect(pool.getStats().max, "before the minute is over").toBe(3);
  await look(1);
  expect(pool.getStats()).toMatchObject({ max: 6, maxReason: "waiting" });
  const told = poolMetrics(pool).match(/(?<=^openhouse_pool_size_reason\{.*,reason=)"\w+"\} 1$/gm);
  expect(told).toEqual(['"waiting"} 1']);
  expect(poolMetrics(database.pool())).not.toContain("size_reason");
  expect(line.mock.lastCall).toEqual([
    "db.pool.sized",
    {
      ...{ from: 3, to: 6, reason: "waiting", share: 7, instances: 2, limit: LIMIT, limitedBy: "role" },
      ...{ waitMs: expect.any(Number), runMs: expect.any(Number), leastRunMs: expect.any(Number) },
    },
  ]);
  await look(2);
  expect(pool.getStats(), "nobody has asked since").toMatchObject({ max: 6, maxReason: "enough" });
  expect(line).toHaveBeenCalledOnce();
});

test("callers who wait for their kind of work's share count, where a larger pool would make it larger", async () => {
  const histogram = new DurationHistogram();
  let timeouts = 0;
  const share = (maxOf: (max: number) => number) => ({
    getTotals: () => ({ wait: histogram.snapshot(), timeouts, shed: 0 }),
    maxOf,
  });
  const quarter = await sized({}, [share((max) => Math.max(1, Math.floor(max / 4)))]);
  const fixed = await sized({}, [share(() => 3)]);
  for (const { look } of [quarter, fixed]) await look(0);
  timeouts++;
  for (const { look } of [quarter, fixed]) await look(1);
  expect(quarter.pool.getStats()).toMatchObject({ max: 6, maxReason: "waiting" });
  expect(fixed.pool.getStats()).toMatchObject({ max: 3, maxReason: "enough" });
  for (const { look } of [quarter, fixed]) await look(2);
  expect(quarter.pool.getStats()).toMatchObject({ max: 6, maxReason: "enough" });
});

test("a pool that is stuck is looked at as well", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const { pool, auto } = await sized();
    const ask = vi.fn(async () => {});
    auto.keepLooking(ask);
    const holders = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
    vi.advanceTimersByTime(MINUTE_MS);
    expect(ask).toHaveBeenCalledTimes(2);
    const waiting = pool.acquire();
    vi.advanceTimersByTime(2 * MINUTE_MS);
    expect(ask).toHaveBeenCalledTimes(4);
    for (const client of holders) client.release();
    (await waiting).release();
    vi.advanceTimersByTime(2 * MINUTE_MS);
    expect(ask, "who was served counts once").toHaveBeenCalledTimes(5);
    auto.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("an instance more, and each gives way at its next look", async () => {
  const { pool, look } = await sized({ max: 15 });
  await look(0);
  expect(pool.getStats().max).toBe(15);
  for (const name of ["a@2", "a@3", "a@4 /route"]) await connected(name);
  await look(1);
  expect(pool.getStats()).toMatchObject({ max: 3, maxReason: "share" });
});

test("where the server has no connection left, the pool is halved at once, once a minute, and waits a minute until it grows", async () => {
  const { pool, look } = await sized({ max: 16 });
  await look(0);
  for (let each = 0; each < 12; each++) await connected("tool");
  await crowd(pool);
  await waitFor(() => pool.getStats().maxReason === "refused", { what: "the pool to be halved" });
  const { max } = pool.getStats();
  expect(max).toBeLessThanOrEqual(8);
  expect(pool.getTotals().connectErrors.too_many_connections).toBeGreaterThan(0);
  expect(line.mock.calls.filter(([, fields]) => fields?.reason === "refused")).toHaveLength(1);
  await look(1);
  expect(pool.getStats()).toMatchObject({ max, maxReason: "enough" });
});

test("behind a pooler the pool has the usual size, and the log says it once", async () => {
  const { pool, probe, look } = await sized();
  Object.assign(probe, { processID: -1 });
  await look(0);
  await look(1);
  expect(pool.getStats()).toMatchObject({ max: 20, maxReason: "pooler" });
  expect(line.mock.calls).toEqual([["db.pool.sized", { from: 3, to: 20, reason: "pooler" }]]);
});

test("where a pooler was told of, nobody is asked", async () => {
  const pool = database.pool({ pooler: "transaction" });
  const ask = vi.fn(async () => {});
  new AutoPoolSize(pool, { logger }).keepLooking(ask);
  expect(pool.getStats()).toMatchObject({ max: 20, maxReason: "pooler" });
  expect(ask).not.toHaveBeenCalled();
});

test("a connection that cannot be asked makes nobody unhealthy, and whoever stops leaves the pool as it is", async () => {
  const { pool, auto, probe, look } = await sized();
  await probe.end();
  await expect(look(0)).resolves.toBeUndefined();
  auto.stop();
  pool.resize({ max: 5 });
  await look(9);
  expect(pool.getStats().max).toBe(5);
  expect(pool.getStats().maxReason).toBeUndefined();
});
