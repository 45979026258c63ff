import { type FaultProxy, startFaultProxy } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import type { TargetSessionAttrs } from "../../src/config/session-target.ts";
import type { Pool } from "../../src/pool.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();

const ACQUIRE_LIMIT_MS = 4_000;

/** When an attempt is sure to count as one that hangs: a quarter of the acquire limit, a second at most. */
const HANGS_BY_MS = 1_200;

async function proxyBefore(): Promise<FaultProxy> {
  const { host = "", port = 0 } = database.options();
  const proxy = await startFaultProxy({ host, port });
  database.keep({ end: () => proxy.close() });
  return proxy;
}

function poolOf(servers: readonly { port?: number | undefined }[], options: PoolOptions): Pool {
  const hosts = servers.map(({ port = 0 }) => ({ host: "127.0.0.1", port, ssl: false }));
  return database.pool({ hosts, pooler: "none", connectionTimeoutMillis: ACQUIRE_LIMIT_MS, ...options });
}

/** A pool whose first host takes connections and says nothing. */
async function withHangingHost(options: PoolOptions): Promise<Pool> {
  const hanging = await proxyBefore();
  hanging.pause();
  return poolOf([hanging, database.options()], options);
}

test.each<[TargetSessionAttrs, number]>([
  ["primary", 1],
  ["primary", 4],
  ["any", 1],
])(
  "a first host that hangs keeps no place from one that is known to be right: %s, max %i",
  async (targetSessionAttrs, max) => {
    const pool = await withHangingHost({ targetSessionAttrs, max });
    const startedAtMs = performance.now();
    const statement = "select pg_sleep(0.05)"; // so that each of them needs a connection of its own
    await Promise.all(Array.from({ length: max }, () => pool.query(statement)));
    expect(performance.now() - startedAtMs).toBeLessThan(ACQUIRE_LIMIT_MS / 2);
    expect(pool.getHosts()).toMatchObject([{ rank: "failed", failure: "timeout" }, { rank: "right" }]);
  },
);

test("an attempt that hangs ends as soon as another host is known to be right, though that was late", async () => {
  const [hanging, late] = [await proxyBefore(), await proxyBefore()];
  hanging.pause();
  late.pause();
  const pool = poolOf([hanging, late], { targetSessionAttrs: "primary", max: 1 });
  const served = pool.query("select 1");
  await new Promise((resolve) => setTimeout(resolve, HANGS_BY_MS));
  late.resume();
  await served;
});

test("an attempt at a host that is slower than another goes on, as long as it may not hang", async () => {
  const slow = await proxyBefore();
  slow.setDelayMs(25);
  const pool = poolOf([slow, database.options()], { targetSessionAttrs: "primary", max: 1 });
  const failures: object[] = [];
  pool.events.on("connectFailed", (fact) => failures.push(fact));
  await pool.query("select 1");
  expect(failures).toEqual([]);
  expect(slow.connections).toBeGreaterThan(0);
});

test("an attempt that takes long goes on where no other host is known to be right", async () => {
  const pool = await withHangingHost({
    targetSessionAttrs: "standby",
    max: 1,
    connectionTimeoutMillis: 1_000,
  });
  const failures: object[] = [];
  pool.events.on("connectFailed", (fact) => failures.push(fact));
  await expect(pool.query("select 1")).rejects.toMatchObject({ code: "POOL_ACQUIRE_TIMEOUT" });
  expect(failures).toEqual([]);
  expect(pool.getHosts()[1]).toMatchObject({ role: "primary", rank: "wrong" });
});
