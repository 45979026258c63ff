import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { halfOpen } from "@openhouse/tooling/faults/half-open";
import { describe, expect, test } from "vitest";
import { backendPid } from "../support/pools.ts";
import { useFreezer } from "./support/freezer.ts";
import { useOwnServer } from "./support/own-server.ts";

// A backend that is frozen is a silent peer: no FIN, no RST, no answer, while new connections are served.
const own = useOwnServer();
const freeze = useFreezer();

/** Longer than the idleness after which the pool tests a connection: only time makes it idle. */
const LONG_IDLE_MS = 1_100;

/** Longer than the shortest deadline of these tests, and shorter than a ping's. */
const LATE_MS = 300;

async function took(work: Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work;
  return performance.now() - startedAtMs;
}

describe("every query has a client-side deadline", () => {
  test("on the pool, on a checked-out client, through Drizzle; and callers after them are served", async () => {
    const outcome = await halfOpen(own.ours());
    expect(outcome).toMatchObject({ statements: "StatementTimeoutError", outcomeKnown: false, served: true });
    expect(outcome.tookMs).toBeLessThan(4_000);
  });

  test("also where nobody asked for one", async () => {
    const { rows } = await own.pool().query("select 1 as one");
    expect(rows).toEqual([{ one: 1 }]);
    const config = (await import("../../src/config/options.ts")).resolveConfig({});
    expect(config.queryTimeoutMs).toBe(30_000);
  });
});

describe("a connection idle for long is tested before hand-out", () => {
  test("with a short timeout of its own: a silent one is replaced, and its holder never knows", async () => {
    const pool = own.pool({ max: 1 });
    const pid = await backendPid(pool);
    freeze(pid);
    await sleep(LONG_IDLE_MS);
    const outcome = backendPid(pool);
    expect(await took(outcome)).toBeLessThan(4_000);
    expect(await outcome).not.toBe(pid);
    expect(pool.getTotals().destroyed).toEqual({ ping_failed: 1 });
  });

  test("also one that was held as long without a statement", async () => {
    const pool = own.pool({ max: 2 });
    const client = await pool.connect();
    const pid = await backendPid(client);
    freeze(pid);
    await sleep(LONG_IDLE_MS);
    const other = await pool.connect();
    const waiting = backendPid(pool);
    client.release();
    expect(await waiting).not.toBe(pid);
    expect(pool.getTotals().destroyed).toEqual({ ping_failed: 1 });
    other.release();
  });

  test("beyond the deadline of statements, without a cancel request: what answers late serves all the same", async () => {
    const pool = own.pool({ max: 1, queryTimeoutMs: 50 });
    const pid = await backendPid(pool);
    const thaw = freeze(pid);
    await sleep(LONG_IDLE_MS);
    const outcome = backendPid(pool);
    await sleep(LATE_MS);
    thaw();
    expect(await outcome).toBe(pid);
    expect(pool.getTotals()).toMatchObject({ created: 1, cancelRequests: 0 });
  });

  test("where all are silent, they are tested side by side, and the caller is served by a new one", async () => {
    const pool = own.pool({ max: 8 });
    const clients = await Promise.all(Array.from({ length: 6 }, () => pool.connect()));
    const pids = await Promise.all(clients.map(backendPid));
    for (const client of clients) client.release();
    freeze(...pids);
    await sleep(LONG_IDLE_MS);
    const outcome = backendPid(pool);
    expect(await took(outcome)).toBeLessThan(2_500);
    expect(pids).not.toContain(await outcome);
    await waitFor(() => pool.totalCount === 1, { what: "the silent ones to be replaced" });
    expect(pool.getTotals()).toMatchObject({ created: 7, destroyed: { ping_failed: 6 } });
  });

  test("where many are silent, all are tested as soon as one is late: a well one serves before the first has failed", async () => {
    const pool = own.pool({ max: 13 });
    const clients = await Promise.all(Array.from({ length: 13 }, () => pool.connect()));
    const [wellPid, ...pids] = await Promise.all(clients.map(backendPid));
    for (const client of clients) client.release(); // the well one is the last to be taken
    freeze(...pids);
    await sleep(LONG_IDLE_MS);
    expect(await backendPid(pool)).toBe(wellPid);
    expect(pool.getTotals().destroyed).toEqual({});
  });

  test("the others are lent meanwhile, at once", async () => {
    const slowConnect = () => sleep(LONG_IDLE_MS); // a test is late only when it takes longer than connecting
    const pool = own.pool({ max: 2, min: 2, onConnect: slowConnect });
    const [silent, well] = await Promise.all([pool.connect(), pool.connect()]);
    const wellPid = await backendPid(well);
    freeze(await backendPid(silent));
    silent.release();
    await sleep(LONG_IDLE_MS);
    const waiting = pool.connect();
    await waitFor(() => pool.idleCount === 0, { what: "the silent one to be tested" });
    well.release();
    (await waiting).release();
    const outcome = backendPid(pool);
    expect(await took(outcome)).toBeLessThan(LONG_IDLE_MS / 2);
    expect(await outcome).toBe(wellPid);
    expect(pool.getTotals().destroyed).toEqual({});
  });

  test("and one that answers is kept", async () => {
    const pool = own.pool({ max: 1 });
    const pid = await backendPid(pool);
    await sleep(LONG_IDLE_MS);
    expect(await backendPid(pool)).toBe(pid);
  });
});

/** Settings of the session, which a reset takes back. */
const CHANGE = "set work_mem = '8MB'";

describe("a reset that takes long", () => {
  test("keeps nobody waiting: another connection is opened", async () => {
    const pool = own.pool({ max: 2 });
    const client = await pool.connect();
    await client.query(CHANGE);
    const pid = await backendPid(client);
    freeze(pid);
    client.release();
    const served = await backendPid(pool);
    expect(served).not.toBe(pid);
    expect(pool.getTotals().destroyed).toEqual({});
  });
});

describe("capacity is freed at removal, and removal wakes the queue", () => {
  test("after release(true) on a silent peer, which is not asked to agree", async () => {
    const pool = own.pool({ max: 1 });
    const client = await pool.connect();
    freeze(await backendPid(client));
    const closed: string[] = [];
    client.once("end", () => closed.push("the silent one"));
    const waiting = [1, 2, 3].map(() => pool.query("select 1 as one"));
    client.release(true);
    for (const { rows } of await Promise.all(waiting)) expect(rows).toEqual([{ one: 1 }]);
    expect(closed).toEqual([]);
    await waitFor(() => client.connection.stream.destroyed, { what: "its socket to be destroyed" });
  });

  test("after release(true) with a statement under way on a silent peer", async () => {
    const pool = own.pool({ max: 1 });
    const client = await pool.connect();
    freeze(await backendPid(client));
    const statement = client.query("select 1").catch((error) => error);
    const waiting = pool.query("select 1 as one");
    client.release(true);
    expect((await waiting).rows).toEqual([{ one: 1 }]);
    expect(await statement).toBeInstanceOf(Error);
    expect(client.connection.stream.destroyed).toBe(true);
  });

  test("after a reset that a silent peer does not answer", async () => {
    const pool = own.pool({ max: 1, queryTimeoutMs: 0 });
    const client = await pool.connect();
    await client.query("listen news");
    freeze(await backendPid(client));
    const waiting = pool.query("select 1 as one");
    client.release();
    expect(await took(waiting)).toBeLessThan(4_000);
    expect(pool.getTotals().destroyed).toEqual({ reset_failed: 1 });
  });
});
