import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { end } from "@openhouse/tooling/faults/end";
import { type startProgram, withProgram } from "@openhouse/tooling/faults/program";
import { withProxy } from "@openhouse/tooling/faults/subject";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { PoolClosedError } from "../../src/errors/errors.ts";
import { followTimers } from "../model/timers.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();

/** The clients that a pool opens from now on. */
function clientsOf(pool: pg.Pool): pg.PoolClient[] {
  const clients: pg.PoolClient[] = [];
  pool.on("connect", (client) => clients.push(client));
  return clients;
}
function sleepsUntilAborted(client: pg.PoolClient) {
  const controller = new AbortController();
  const statement = { text: "select pg_sleep(60)", signal: controller.signal };
  return { outcome: client.query(statement).catch((error) => error), abort: () => controller.abort() };
}

test("refuses new callers and serves what is queued, in both call forms", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.connect();
  const queued = [1, 2, 3].map((value) => pool.query("select $1::int as value", [value]));
  const ended = pool.end();
  await expect(pool.connect()).rejects.toBeInstanceOf(PoolClosedError);
  expect(await new Promise((resolve) => pool.connect((error) => resolve(error)))).toBeInstanceOf(
    PoolClosedError,
  );
  client.release();
  const results = await Promise.all(queued);
  expect(results.map(({ rows }) => rows[0].value)).toEqual([1, 2, 3]);
  await ended;
});

test("serves who is queued with the connection that is idle, also where the event loop has yet to catch up", async () => {
  const pool = database.pool({ max: 1 });
  const pid = await backendPid(pool);
  await sleep(20); // a pool that was asked nothing for so long looks first at what has arrived
  const queued = backendPid(pool);
  expect(pool.waitingCount).toBe(1);
  const ended = pool.end();
  expect(await queued).toBe(pid);
  await ended;
  expect(pool.getTotals()).toMatchObject({ created: 1, destroyed: { closed: 1 } });
});

test("closes what nobody holds or waits for at once, and each of the rest when it comes back", async () => {
  const pool = database.pool({ min: 2, max: 3 });
  await pool.warmUp();
  const clients = clientsOf(pool);
  const [first, second] = await Promise.all([pool.connect(), pool.connect(), pool.query("select 1")]);
  const queued = pool.query("select 1");
  const ended = pool.end();
  await queued;
  await waitFor(() => pool.totalCount === 2, { what: "the connection that nobody holds to be closed" });
  first.release();
  await waitFor(() => pool.totalCount === 1, { what: "the one that came back to be closed" });
  expect((await second.query("select 1 as value")).rows).toEqual([{ value: 1 }]);
  second.release();
  await ended;
  expect(clients).toHaveLength(1); // none was opened for the minimum or for the one that waited
});

test("rejects the rest at the deadline, destroys what is out, and resolves when the sockets are closed", async () => {
  expect(await end(database.ours())).toMatchObject({
    end: "done",
    openSockets: 0,
    waiters: "PoolClosedError",
    statement: expect.stringMatching(/Error$/),
  });
});

test("resolves when no request to cancel is under way any more", async () => {
  await followTimers(async (timers) => {
    const { pool, proxy } = await database.proxied({ max: 1 });
    const running = sleepsUntilAborted(await pool.connect());
    proxy.setDelayMs(100);
    const ended = pool.end({ timeoutMs: 0 });
    await waitFor(() => proxy.connections === 2, {
      what: "the pool to ask for the statement to be cancelled",
    });
    running.abort();
    await ended;
    for (let turn = 0; turn < 5; turn++) await setImmediate(); // a timer that was cleared is reported some turns later
    expect(timers()).toEqual([]);
    expect(await running.outcome).toBeInstanceOf(Error);
  });
});

test("gives up a connect that hangs", async () => {
  const { pool, proxy } = await database.proxied({ connectionTimeoutMillis: 60_000 });
  proxy.pause();
  const waiting = pool.query("select 1").catch((error) => error);
  await waitFor(() => proxy.connections === 1, { what: "the connect to be under way" });
  await pool.end({ timeoutMs: 50 });
  expect(await waiting).toBeInstanceOf(PoolClosedError);
  proxy.resume();
  await waitFor(() => proxy.connections === 0, { what: "the connect to be given up" });
  expect(pool.getTotals().created).toBe(0);
  expect(pool.totalCount).toBe(0);
});

test("is idempotent: one shared promise, before and after the end", async () => {
  const pool = database.pool();
  await pool.query("select 1");
  const ended = pool.end();
  expect(pool.end({ timeoutMs: 1 })).toBe(ended);
  await new Promise<void>((resolve) => pool.end(resolve));
  expect(pool.end()).toBe(ended);
  expect(pool).toMatchObject({ ending: true, ended: true });
});

describe("lets the process exit by itself", () => {
  const PROGRAM = new URL("./support/closing-program.ts", import.meta.url);
  const expectExit = async (program: ReturnType<typeof startProgram>) => {
    program.signal("SIGUSR2");
    const { exitCode, stderr, facts } = await program.ended();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(facts.at(-1)).toMatchObject({
      statement: "failed",
      waiters: ["POOL_CLOSED", "POOL_CLOSED", "POOL_CLOSED"],
      stats: { totalCount: 0, usedCount: 0, waitingCount: 0 },
    });
    expect(facts.at(-1)?.tookMs).toBeLessThan(4_000);
  };

  test("with a client out, a statement under way and waiters queued", () =>
    withProgram(PROGRAM, [database.url()], async (program) => {
      await program.tells("pid");
      await expectExit(program);
    }));

  test("with a dead peer", () =>
    withProxy(database.ours(), (proxy, url) =>
      withProgram(PROGRAM, [url], async (program) => {
        const pid = await program.tells("pid");
        proxy.pause();
        await expectExit(program);
        // The server has heard nothing of all this.
        await (await database.observer()).query("select pg_terminate_backend($1)", [pid]);
      }),
    ));
});
