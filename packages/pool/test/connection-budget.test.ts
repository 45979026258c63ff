import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionBudget, connectionsBeside } from "../src/health/connection-budget.ts";
import { poolHealth } from "../src/pool-health.ts";
import { Client } from "../src/query/client.ts";
import { ReplicaSet } from "../src/replicas/replica-set.ts";
import type { Logger } from "../src/telemetry/logger.ts";
import { useDatabase } from "./support/pools.ts";

const MINUTE_MS = 60_000;
const MAX = 4;

const database = useDatabase();
const warn = vi.fn<Logger["warn"]>();
const logger: Logger = { keepsFields: true, info: () => {}, warn, error: () => {} };

beforeEach(async () => {
  const observer = await database.observer();
  await observer.query("create role budgeted login password 'x' connection limit 20");
  database.keep({ end: async () => void (await dropRole()) });
});
afterEach(() => warn.mockClear());

async function dropRole() {
  const client = new Client(database.options());
  await client.connect();
  await client.query("drop role budgeted");
  await client.end();
}

function options(application_name: string) {
  return { ...database.options(), user: "budgeted", password: "x", application_name };
}

async function instance(name: string): Promise<Client> {
  const client = new Client(options(name));
  await client.connect();
  return database.keep(client);
}

function look(client: Client, budget = new ConnectionBudget({ max: MAX, logger })) {
  return (minute: number) => budget.look(client, minute * MINUTE_MS);
}

test("instances that fit are told of by nobody, one too many once", async () => {
  const client = await instance("shop/web@one /basket");
  for (const name of ["shop/web@one", "shop/web@two", "shop/web@three /", "shop/web@four /basket"])
    await instance(name);
  const lookAt = look(client);
  await lookAt(0);
  expect(warn).not.toHaveBeenCalled();
  await instance("shop/web@five");
  await lookAt(0.5);
  expect(warn, "before the minute is over").not.toHaveBeenCalled();
  await lookAt(1);
  await lookAt(2);
  expect(warn.mock.calls).toEqual([
    ["db.pool.budget", { instances: 5, max: MAX, needed: 25, limit: 20, limitedBy: "role" }],
  ]);
});

test("names without an @ are no instances", async () => {
  const client = await instance("psql");
  for (let each = 0; each < 5; each++) await instance(`tool-${each}`);
  await look(client)(0);
  expect(warn).not.toHaveBeenCalled();
});

test("twice as many are looked at once a deploy would be over, and not where it explains them", async () => {
  const client = await instance("a@1");
  await instance("a@2");
  const lookAt = look(client);
  for (const fromMinute of [0, 20]) {
    const others = await Promise.all(["a@3", "a@4"].map(instance));
    for (let minute = 0; minute <= 5; minute++) await lookAt(fromMinute + minute);
    await Promise.all(others.map((each) => each.end()));
    await vi.waitFor(async () => {
      const { rows } = await client.query("select pid from pg_stat_activity where usename = 'budgeted'");
      expect(rows).toHaveLength(2);
    });
    for (let minute = 6; minute < 20; minute++) await lookAt(fromMinute + minute);
  }
  expect(warn, "two instances, four in a deploy: 20 of 20").not.toHaveBeenCalled();
  await instance("a@5");
  for (let minute = 40; minute <= 52; minute++) await lookAt(minute);
  expect(warn.mock.calls).toEqual([
    [
      "db.pool.budget",
      { instances: 3, max: MAX, needed: 15, neededInDeploy: 30, limit: 20, limitedBy: "role" },
    ],
  ]);
});

test("behind a pooler, whose limits are not the server's, nothing is told", async () => {
  const client = await instance("a@1");
  await Promise.all(["a@2", "a@3", "a@4", "a@5"].map(instance));
  Object.assign(client, { processID: -1 });
  await look(client)(0);
  expect(warn).not.toHaveBeenCalled();
});

test("a connection that cannot be asked makes nobody unhealthy", async () => {
  const client = await instance("a@1");
  await client.end();
  await expect(look(client)(0)).resolves.toBeUndefined();
});

test("a pool's health looks at it", async () => {
  const pool = database.pool({ ...options("a@1"), max: 30 });
  const health = poolHealth(pool, { logger });
  database.keep({ end: () => health.close() });
  expect(await health.check()).toMatchObject({ healthy: true });
  expect(warn).toHaveBeenCalledWith("db.pool.budget", {
    instances: 1,
    max: 30,
    needed: 31,
    limit: 20,
    limitedBy: "role",
  });
});

test("a replica has its own: asked with where it is, told once, and whoever throws there does no harm", async () => {
  const primary = database.pool({ max: 1 });
  const pool = database.pool({ ...options("a@1"), max: 30 });
  const budget = new ConnectionBudget({ max: 30, beside: 0, logger });
  const asked = vi.fn(async (client: Parameters<typeof budget.look>[0]) => {
    await Promise.all([budget.look(client), budget.look(client)]);
    throw new Error("the asker's own");
  });
  const set = new ReplicaSet({
    replicas: [{ host: "a", port: 1, pool, ask: asked }],
    primary,
    fallback: primary,
    measureEveryMs: 60_000,
  });
  database.keep({ end: async () => set.close() });
  await set.measure();
  await vi.waitFor(() => expect(pool.getStats()).toMatchObject({ usedCount: 0 }));
  await set.measure();
  await vi.waitFor(() => expect(pool.getStats()).toMatchObject({ usedCount: 0 }));
  expect(asked).toHaveBeenCalledTimes(2);
  expect(warn.mock.calls).toEqual([
    ["db.pool.budget", { instances: 1, max: 30, needed: 30, limit: 20, limitedBy: "role" }],
  ]);
});

test("several hosts of one primary count once, with one look more each", async () => {
  const client = await instance("a@1");
  for (const name of ["a@2", "a@3", "a@4"]) await instance(name);
  const hosts = ["a", "b"].map((host) => ({ host, port: 1 }));
  const lookWith = (max: number, beside: number) =>
    new ConnectionBudget({ max, beside, logger }).look(client, 0);
  await lookWith(3, connectionsBeside({ hosts }));
  await lookWith(4, connectionsBeside({}));
  expect(warn, "4 x (3 + 2), and 4 x (4 + 1), of 20").not.toHaveBeenCalled();
  await lookWith(4, connectionsBeside({ hosts }));
  expect(warn.mock.calls).toEqual([
    ["db.pool.budget", { instances: 4, max: 4, needed: 24, limit: 20, limitedBy: "role" }],
  ]);
});
