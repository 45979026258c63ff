import { waitFor } from "@openhouse/pool-testing";
import { DEADLINE_MS, hanging, hangingHook } from "@openhouse/tooling/faults/hanging-hook";
import { backends, observing } from "@openhouse/tooling/faults/observe";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { AcquireTimeoutError } from "../../src/errors/errors.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;
/** For a machine that is busy; a second phase with a deadline of its own would take DEADLINE_MS more. */
const TOLERANCE_MS = 800;

const othersLeft = () => observing(database.ours(), backends);

describe.each(["onConnect", "verify"] as const)("a hook that hangs: %s", (kind) => {
  test("fails the caller at the deadline, and frees slot and connection soon after", async () => {
    const outcome = await hangingHook(database.ours(), kind);
    expect(outcome).toMatchObject({
      caller: "AcquireTimeoutError",
      slotFreed: true,
      backendGone: true,
      next: "done",
    });
    expect(outcome.tookMs).toBeLessThan(DEADLINE_MS + TOLERANCE_MS);
  });

  test("holds up nobody for whom a connection comes free", async () => {
    const { state, [kind]: hook } = hanging();
    state.hangs = false;
    const pool = database.pool({ max: 2, connectionTimeoutMillis: 5_000, [kind]: hook });
    const client = await pool.acquire(); // a session that is reset gets its hook again
    state.hangs = true;
    const waiting = pool.query("select 'served' as outcome");
    await waitFor(() => state.calls === 2, { what: "the second connection's hook to be called" });
    client.release();
    expect((await waiting).rows).toEqual([{ outcome: "served" }]);
    expect(pool.getStats()).toMatchObject({ connectingCount: 1 });
    state.hangs = false;
  });

  test("does not hold up end()", async () => {
    const { state, [kind]: hook } = hanging();
    const pool = database.pool({ max: 1, connectionTimeoutMillis: 60_000, [kind]: hook });
    const waiting = pool.connect().catch(caught);
    await waitFor(() => state.calls === 1, { what: "the hook to be called" });
    await pool.end({ timeoutMs: 50 });
    expect(await waiting).toMatchObject({ code: "POOL_CLOSED" });
    await waitFor(async () => (await othersLeft()) === 0, { what: "the backend to be gone" });
  });
});

test("a hook that fails fails the connect, is tried again within the deadline, and nothing is left open", async () => {
  let calls = 0;
  const onConnect = async (client: pg.ClientBase) => {
    calls++;
    if (calls <= 2) await client.query("select pg_terminate_backend(pg_backend_pid())");
  };
  const pool = database.pool({ max: 1, connectionTimeoutMillis: 5_000, onConnect });
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  expect(calls).toBe(3);
  expect(await othersLeft()).toBe(1);
});

describe("one deadline", () => {
  test("covers waiting, connecting and the hook together", async () => {
    const { proxy, pool } = await database.proxied({
      max: 1,
      connectionTimeoutMillis: DEADLINE_MS,
      onConnect: async (client) => void (await client.query("select pg_sleep(0.7)")),
    });
    proxy.setDelayMs(100); // connecting takes some 500 ms then: each phase alone would be in time
    const startedAtMs = performance.now();
    expect(await pool.connect().catch(caught)).toBeInstanceOf(AcquireTimeoutError);
    expect(performance.now() - startedAtMs).toBeLessThan(DEADLINE_MS + TOLERANCE_MS);
    proxy.setDelayMs(0);
    await waitFor(() => pool.totalCount === 0 || pool.idleCount === 1, { what: "the attempt to end" });
    await pool.query("select 1");
  });

  test("covers the test of a connection that was idle, and whose network is deaf", async () => {
    const { proxy, pool } = await database.proxied({ max: 1, connectionTimeoutMillis: DEADLINE_MS });
    await pool.query("select 1");
    await idleFor(1_100); // after a second a connection is pinged before it is checked out
    proxy.pause();
    const startedAtMs = performance.now();
    expect(await pool.query("select 1").catch(caught)).toBeInstanceOf(AcquireTimeoutError);
    expect(performance.now() - startedAtMs).toBeLessThan(DEADLINE_MS + TOLERANCE_MS);
    proxy.resume();
    await waitFor(() => pool.totalCount === pool.idleCount, { what: "the test to end" });
    expect(await backendPid(pool)).toBeGreaterThan(0);
  });
});

/** Being idle is a matter of time, and there is nothing to wait for. */
function idleFor(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
