import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CommitUnknownError, PoolClosedError } from "../src/errors/errors.ts";
import { SingleClientPool } from "../src/single-client/single-client-pool.ts";
import { LimitedLog } from "../src/telemetry/limited-log.ts";
import { describeError, type Logger, pinoLogger } from "../src/telemetry/logger.ts";
import { keepLines } from "./support/log-lines.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;

test("a full pool is told with who holds it, once a second, and those it refuses too", async () => {
  const { lines, logger } = keepLines();
  const { host, port, database: name } = database.options();
  const pool = database.pool({
    max: 1,
    maxWaiting: 5,
    connectionTimeoutMillis: 200,
    logger,
    poolName: "ours",
  });
  const client = await pool.acquire({ timeoutMs: 5_000 });
  const calls = Array.from({ length: 20 }, () => pool.query("select 1").catch(caught));
  await Promise.all(calls);
  client.release();
  const of = (event: string) => lines.filter((line) => line.event === event);
  const whose = { poolName: "ours", mode: "pool", host, port, database: name, max: 1 };
  expect(of("db.pool.acquire_timeout")).toMatchObject([
    {
      level: "warn",
      fields: {
        code: "POOL_ACQUIRE_TIMEOUT",
        kind: "timeout",
        diagnosis: expect.stringMatching(/held longest: \d+ ms at .*pool-log\.test\.ts:\d+/),
        ...whose,
      },
    },
  ]);
  expect(of("db.pool.shed")).toMatchObject([
    { fields: { code: "POOL_SATURATED", kind: "saturated", ...whose } },
  ]);
  await waitFor(() => of("db.pool.acquire_timeout").length === 2, {
    what: "the line that counts the others",
  });
  expect(of("db.pool.acquire_timeout")[1]?.fields.suppressed).toBe(3);
  expect(of("db.pool.shed")[1]?.fields.suppressed).toBe(13);
});

test("the first connection after an outage is told, with the outage's length and what was tried", async () => {
  const { lines, logger } = keepLines();
  const { pool, proxy } = await database.proxied({ connectionTimeoutMillis: 5_000, logger });
  await proxy.refuse();
  const call = pool.query("select 1");
  await sleep(400);
  await proxy.accept();
  await call;
  const recovered = lines.find(({ event }) => event === "db.pool.recovered");
  expect(recovered).toMatchObject({
    level: "info",
    fields: { outageMs: expect.any(Number), port: proxy.port },
  });
  expect(recovered?.fields.outageMs).toBeGreaterThanOrEqual(400);
  const failed = lines.filter(({ event }) => event === "db.pool.connect_failed");
  expect(recovered?.fields.failures).toBeGreaterThanOrEqual(failed.length);
  expect(failed[0]?.fields).toMatchObject({ code: "ECONNREFUSED", kind: "connection_refused" });
});

test("who comes to a database that has been away for as long as anybody waits is told soon, and is served by the first attempt that succeeds", async () => {
  const { pool, proxy } = await database.proxied({ connectionTimeoutMillis: 2_500 });
  await proxy.refuse();
  // Twice, as the first comes a moment before the first attempt to connect, and the outage begins with that.
  for (const _time of [1, 2])
    await expect(pool.query("select 1")).rejects.toMatchObject({ code: "POOL_ACQUIRE_TIMEOUT" });
  const startedAtMs = performance.now();
  const error = await pool.query("select 1").catch(caught);
  expect(performance.now() - startedAtMs).toBeLessThan(1_500); // 500 ms, on a machine that may be busy
  expect(error).toMatchObject({ code: "POOL_ACQUIRE_TIMEOUT", cause: { code: "ECONNREFUSED" } });
  expect(String(error)).toMatch(/\d+ attempts have failed in \d+ ms/);
  const call = pool.query("select 1 as one");
  await proxy.accept();
  expect((await call).rows).toEqual([{ one: 1 }]);
});

test("an outage shorter than anybody waits is waited through", async () => {
  const { pool, proxy } = await database.proxied({ connectionTimeoutMillis: 2_500 });
  await proxy.refuse();
  const calls = [pool.query("select 1")];
  await sleep(1_000);
  calls.push(pool.query("select 1"));
  await sleep(700);
  await proxy.accept();
  expect(await Promise.all(calls)).toHaveLength(2);
});

test("ninety slow statements of a moment are a few lines, and the number of the others", async () => {
  const { lines, logger } = keepLines();
  const pool = database.pool({ max: 10, slowQueryMs: 1, logger });
  await Promise.all(Array.from({ length: 90 }, () => pool.query("select pg_sleep(0.01)")));
  expect(lines.filter(({ event }) => event === "db.query.slow")).toHaveLength(20);
});

test("the single client tells the same", async () => {
  const { lines, logger } = keepLines();
  const options = { ...database.options(), logger, maxWaiting: 1 };
  const pool = database.keep(new SingleClientPool(options));
  const client = await pool.acquire({ timeoutMs: 5_000 });
  await Promise.all([pool.acquire({ timeoutMs: 150 }).catch(caught), pool.acquire().catch(caught)]);
  client.release();
  const { rows } = await pool.query("select pg_backend_pid() as pid");
  await (await database.observer()).query("select pg_terminate_backend($1)", [rows[0].pid]);
  await waitFor(() => lines.some(({ event }) => event === "db.pool.connection_lost"), { what: "the loss" });
  expect(lines.filter(({ level }) => level !== "debug")).toMatchObject([
    { event: "db.pool.shed", fields: { code: "POOL_SATURATED", mode: "single-client" } },
    {
      event: "db.pool.acquire_timeout",
      fields: { code: "POOL_ACQUIRE_TIMEOUT", diagnosis: expect.any(String) },
    },
    { event: "db.pool.connection_lost", fields: { sqlstate: "57P01", max: 1 } },
  ]);
  expect(lines.map(({ event }) => event)).toContain("db.pool.acquired");
});

describe("lines of one event and kind", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("are ten in five seconds; the last of the others says how many were left out, and nothing of it carries over", () => {
    const { lines, logger } = keepLines();
    const log = new LimitedLog(logger, { poolName: "p", mode: "pool" });
    for (let n = 0; n < 30; n++) log.warn("db.pool.connect_failed", { kind: "dns", n });
    log.warn("db.pool.connect_failed", { kind: "tls" });
    expect(lines).toHaveLength(11);
    vi.advanceTimersByTime(5_000);
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)?.fields).toMatchObject({ kind: "dns", n: 29, suppressed: 19, poolName: "p" });
    log.warn("db.pool.connect_failed", { kind: "dns" });
    vi.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(13);
    expect(lines.at(-1)?.fields).not.toHaveProperty("suppressed");
  });
});

test("an error is described with its own code, whatever wraps it, and with Node's where there is none", () => {
  const wrapped = new Error("Failed query", {
    cause: new CommitUnknownError("x", { cause: new Error("y") }),
  });
  expect(describeError(wrapped)).toMatchObject({ code: "COMMIT_UNKNOWN", kind: "connection_lost" });
  expect(describeError(new PoolClosedError("x"))).toMatchObject({ code: "POOL_CLOSED" });
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" });
  expect(describeError(new Error("y", { cause: refused }))).toMatchObject({ code: "ECONNREFUSED" });
  expect(describeError(Object.assign(new Error("x"), { code: "23505" }))).not.toHaveProperty("code");
});

test("pino is given the fields first, and debug lines only at its level", () => {
  const told: unknown[] = [];
  const level = (name: string) => (fields: object, message: string) =>
    void told.push([name, fields, message]);
  const pino = { debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") };
  const logger = pinoLogger(pino);
  logger.warn("db.pool.leak", { heldMs: 5 });
  expect(told).toEqual([["warn", { event: "db.pool.leak", heldMs: 5 }, "db.pool.leak"]]);
  expect(logger.debug).toBeUndefined();
  expect(pinoLogger({ ...pino, isLevelEnabled: () => true }).debug).toBeTypeOf("function");
});

test("a logger that does not say that it keeps the fields does not compile", () => {
  const eventOnly = { info(_event: string) {}, warn(_event: string) {}, error(_event: string) {} };
  // @ts-expect-error: the fields would be lost
  const lossy: Logger = eventOnly;
  // @ts-expect-error: the console prints what it does not know how to write
  const bare: Logger = console;
  expect([lossy, bare]).toHaveLength(2);
});
