import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { PoolConfigError } from "../src/errors/errors.ts";
import type { Pool } from "../src/pool.ts";
import { poolFromUrl } from "../src/pool-from-url.ts";
import { type PoolHealth, type PoolHealthOptions, poolHealth } from "../src/pool-health.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const open: PoolHealth[] = [];
afterEach(() => Promise.all(open.splice(0).map((health) => health.close())));

function healthOf(pool: Pool, options?: PoolHealthOptions): PoolHealth {
  const health = poolHealth(pool, options);
  open.push(health);
  return health;
}

const fromUrl = (options?: Omit<PoolOptions, "connectionString">) =>
  database.keep(poolFromUrl(`${database.url()}?sslmode=disable&connection_limit=3`, options));

const statusOf = async (handler: PoolHealth["db"]) =>
  (await handler(new Request("http://localhost/"))).status;

test("a pool's health is one call: its routes answer, on a connection of their own", async () => {
  const pool = fromUrl();
  const health = healthOf(pool);
  expect(await Promise.all([health.db, health.ready, health.live].map(statusOf))).toEqual([200, 200, 200]);
  expect(await health.check()).toMatchObject({ status: "healthy", poolStats: { totalCount: 0 } });
});

test("what is no pool of this package is refused at once, with a stable code", () => {
  for (const other of [undefined, {}, new pg.Pool()])
    expect(() => poolHealth(other as Pool)).toThrow(expect.objectContaining({ code: "POOL_CONFIG" }));
});

test("what refuses the pool's callers refuses the probe", async () => {
  const refuse = () => {
    throw Object.assign(new Error("not this one"), { code: "UNSAFE_ROLE" });
  };
  for (const options of [{ check: refuse }, { onConnect: refuse }])
    expect(await healthOf(fromUrl(options)).check()).toMatchObject({ status: "unhealthy" });
});

test("what is asked besides decides", async () => {
  const ask = (client: pg.Client) => client.query("select from no_such_table");
  expect(await healthOf(fromUrl(), { ask }).check()).toMatchObject({ status: "unhealthy", error: "unknown" });
});

test("it is draining once the pool is ended, while those who hold a connection finish", async () => {
  const pool = fromUrl();
  const health = healthOf(pool);
  expect(await statusOf(health.ready)).toBe(200);
  const client = await pool.acquire();
  const ended = pool.end();
  expect(await health.check()).toMatchObject({ status: "draining" });
  expect(await statusOf(health.ready)).toBe(503);
  client.release();
  await ended;
  await waitFor(() => pool.totalCount === 0, { what: "the pool to be empty" });
});

test("a URL says what it says of the pool, and what stands beside it counts before that", async () => {
  expect(fromUrl().getStats()).toMatchObject({ max: 3 });
  expect(fromUrl({ max: 5 }).getStats()).toMatchObject({ max: 5 });
  for (const url of [undefined, "", "mysql://localhost/db"])
    expect(() => poolFromUrl(url)).toThrow(PoolConfigError);
  expect(() => poolFromUrl(undefined)).toThrow(/the database's URL is not set; write postgres:\/\//);
});
