import { startFaultProxy, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import Cursor from "pg-cursor";
import { afterEach, expect, test } from "vitest";
import type { PoolOptions } from "../src/config/options.ts";
import { createHealthHandlers } from "../src/health/handlers.ts";
import { HealthProbe, type ProbeOptions } from "../src/health/probe.ts";
import { Client } from "../src/query/client.ts";
import type { PoolStats } from "../src/telemetry/stats.ts";
import { scoped } from "../src/tenants.ts";
import { keepLines } from "./support/log-lines.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Longer than a result is kept. */
const nextProbe = () => new Promise((resolve) => setTimeout(resolve, 2_050));
const IDLE: PoolStats = {
  totalCount: 1,
  idleCount: 1,
  waitingCount: 0,
  usedCount: 0,
  connectingCount: 0,
  closingCount: 0,
  max: 2,
  min: 0,
};

function probeOn(options: PoolOptions, more?: ProbeOptions) {
  let clients = 0;
  const makeClient = () => {
    clients++;
    return new Client({ ...options, connectionTimeoutMillis: 0 });
  };
  const probe = new HealthProbe(makeClient, undefined, more);
  ends.push(() => probe.close());
  return { probe, clientsMade: () => clients };
}

async function proxied() {
  const { host = "", port = 0, ...options } = database.options();
  const proxy = await startFaultProxy({ host, port });
  ends.push(() => proxy.close());
  return { proxy, options: { ...options, host: "127.0.0.1", port: proxy.port } };
}

test("a probe that finds no slot on a full server says degraded while the pool is answered, and unhealthy when it no longer is", async () => {
  const observer = await database.observer();
  await observer.query("create role health_full login password 'x' connection limit 2");
  ends.push(() => observer.query("drop role health_full"));
  const options = { ...database.options(), user: "health_full", password: "x" };
  const pool = database.pool({ ...options, max: 2 });
  const clients = await Promise.all([pool.connect(), pool.connect()]);
  const { probe } = probeOn(options);
  expect(await probe.check(pool.getStats(), false)).toMatchObject({
    status: "unhealthy",
    error: "too_many_connections",
    everHealthy: false,
  });
  await clients[0]?.query("select 1");
  expect(pool.getStats().answeredMsAgo).toBeLessThan(1_000);
  expect(await probe.check(pool.getStats(), false)).toMatchObject({
    healthy: true,
    status: "degraded",
    error: "too_many_connections",
    consecutiveFailures: 0,
    everHealthy: true,
  });
  const { ready } = createHealthHandlers({ check: () => probe.check(pool.getStats(), false) });
  expect((await ready(new Request("http://localhost/"))).status).toBe(200);
  const long = { ...pool.getStats(), answeredMsAgo: 5_500 };
  expect(await probe.check(long, false)).toMatchObject({ healthy: false, status: "unhealthy" });
  for (const client of clients) client.release();
  await pool.end();
});

test.each([
  ["ours", {}],
  ["a class of the caller's", { Client: pg.Client }],
])("a statement that fails, a ping and a checkout are no answers, of %s", async (_what, options) => {
  const pool = database.pool(options);
  const client = await pool.connect();
  expect(pool.getStats().answeredMsAgo).toBeUndefined();
  await client.query("");
  await client.query("selec 1").catch(() => {});
  expect(pool.getStats().answeredMsAgo).toBeUndefined();
  await client.query("select 1");
  expect(pool.getStats().answeredMsAgo).toEqual(expect.any(Number));
  client.release();
});

test.each(["a cursor", "a client of a class of the caller's"])(
  "what %s was told is an answer too",
  async (what) => {
    const pool = database.pool(what === "a cursor" ? {} : { Client: pg.Client });
    const client = await pool.connect();
    expect(pool.getStats().answeredMsAgo).toBeUndefined();
    if (what === "a cursor") await client.query(new Cursor("select 1")).read(2);
    else await client.query("select 1");
    expect(pool.getStats().answeredMsAgo).toEqual(expect.any(Number));
    client.release();
  },
);

test("of a batch whose statements stand alone each is an answer, whatever becomes of the others", async () => {
  const pool = database.pool();
  const batch = scoped(pool, { "app.tenant_id": "a" }).batch(["select 1", "select 1 / 0"], { atomic: false });
  expect((await batch).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(pool.getStats().answeredMsAgo).toEqual(expect.any(Number));
});

test("connecting to a distant server goes on beyond a probe, serves the next one, and is not timed as the answer", async () => {
  const { proxy, options } = await proxied();
  proxy.setDelayMs(190); // four round trips to sign in: half a second more than a probe waits
  const { probe, clientsMade } = probeOn(options);
  expect(await probe.check(IDLE, false)).toMatchObject({ status: "unhealthy", error: "timeout" });
  await nextProbe();
  const report = await probe.check(IDLE, false);
  expect(report).toMatchObject({ status: "healthy", consecutiveFailures: 0 });
  expect(report.latencyMs).toBeGreaterThanOrEqual(375);
  expect(report.latencyMs).toBeLessThan(1_000);
  expect(clientsMade()).toBe(1);
});

test("a probe that could not connect in time tells the next one why it never could", async () => {
  const { proxy, options } = await proxied();
  proxy.setDelayMs(250);
  const { probe, clientsMade } = probeOn({ ...options, password: "wrong" });
  expect(await probe.check(IDLE, false)).toMatchObject({ error: "timeout" });
  await nextProbe();
  expect(await probe.check(IDLE, false)).toMatchObject({ status: "unhealthy", error: "auth" });
  expect(clientsMade()).toBe(1);
});

test("a server that falls silent is unhealthy, though a statement was answered just before", async () => {
  const { proxy, options } = await proxied();
  const { probe } = probeOn(options);
  expect(await probe.check(IDLE, false)).toMatchObject({ status: "healthy" });
  await nextProbe();
  proxy.pause();
  expect(await probe.check({ ...IDLE, answeredMsAgo: 10 }, false)).toMatchObject({
    status: "unhealthy",
    error: "timeout",
    consecutiveFailures: 1,
  });
  // Answered since: as over a connection that a firewall has not forgotten.
  expect(await probe.check({ ...IDLE, answeredMsAgo: 0 }, false)).toMatchObject({ status: "degraded" });
  proxy.resume();
});

test("a connection that still owes an answer is given up at the next probe", async () => {
  let clients = 0;
  const makeClient = () => {
    clients++;
    return new Client(database.options());
  };
  // The server is to notice that nobody waits any more.
  const longOne = "set client_connection_check_interval = '50ms'; select pg_sleep(20)";
  const probe = new HealthProbe(makeClient, (client) => client.query(clients === 1 ? longOne : "select 1"));
  ends.push(() => probe.close());
  expect(await probe.check(IDLE, false)).toMatchObject({ error: "timeout" });
  await nextProbe();
  expect(await probe.check(IDLE, false)).toMatchObject({ status: "healthy" });
  expect(clients).toBe(2);
});

test("nothing answers any more: unhealthy, whatever was answered before", async () => {
  const { proxy, options } = await proxied();
  await proxy.refuse();
  const { probe } = probeOn(options);
  expect(await probe.check({ ...IDLE, answeredMsAgo: 200 }, false)).toMatchObject({
    status: "unhealthy",
    error: "connection_refused",
  });
});

test("a process that stood still says so, and not that the database is late", async () => {
  const { probe } = probeOn(database.options());
  const checking = probe.check(IDLE, false);
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + 1_200;
  while (performance.now() < until);
  const report = await checking;
  expect(report).toMatchObject({ healthy: true, status: "degraded", error: "event_loop" });
  expect(report.eventLoopDelayMs).toBeGreaterThan(1_000);
  expect(report.latencyMs).toBeLessThan(900);
});

test("a server that takes no writes is degraded with read_only, unless nobody wants to write", async () => {
  const options = { ...database.options(), options: "-c default_transaction_read_only=on" };
  expect(await probeOn(options).probe.check(IDLE, false)).toMatchObject({
    healthy: true,
    status: "degraded",
    error: "read_only",
    serverRole: "primary",
  });
  const reader = await probeOn(options, { writes: false }).probe.check(IDLE, false);
  expect(reader).toMatchObject({ status: "healthy", serverRole: "primary" });
});

test("what the pool's hooks refuse is unhealthy, though statements were answered", async () => {
  const setUp = () => {
    throw new Error("not this server");
  };
  const { probe } = probeOn(database.options(), { setUp });
  await probe.check(IDLE, false);
  const report = await probe.check({ ...IDLE, answeredMsAgo: 0 }, false);
  expect(report).toMatchObject({ healthy: false, status: "unhealthy", error: "unknown" });
});

test("each change of the status is a line, and the first one only where it is no good news", async () => {
  const { lines, logger } = keepLines();
  const { proxy, options } = await proxied();
  const { probe } = probeOn(options, { logger });
  await probe.check(IDLE, false);
  await probe.check(IDLE, false);
  expect(lines).toEqual([]);
  await proxy.refuse();
  proxy.cut();
  await waitFor(() => proxy.connections === 0, { what: "the connection to be cut" });
  await nextProbe();
  await probe.check(IDLE, false);
  await proxy.accept();
  await nextProbe();
  await probe.check(IDLE, false);
  expect(lines.map(({ level, event, fields: { from, to, kind } }) => [level, event, from, to, kind])).toEqual(
    [
      ["warn", "db.health.changed", "healthy", "unhealthy", "connection_refused"],
      ["info", "db.health.changed", "unhealthy", "healthy", undefined],
    ],
  );
});
