import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { AcquireTimeoutError, PoolSaturatedError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const FEW = 8_000;
const MANY = 80_000;
/** Callers who come in one turn of the event loop. */
const CROWD = 200;
/** Wall time, which a busy machine stretches: below what the plain stack needs on an idle one. The cost per caller decides. */
const LONGEST_STALL_MS = 3_000;
/** With a cost per caller that grew with their number, ten times as many would cost ten times as much each. */
const COST_RATIO = 2.5;
/** A collection of garbage only adds to what a crowd costs, so that the least of several is the truth. */
const MOST_MEASUREMENTS = 4;

/** What became of a crowd, and what it cost: processor time, so that a busy machine does not count. */
async function measured(count: number, work: (pool: Pool, count: number) => Promise<void>) {
  const pool = database.pool({ max: 1, maxWaiting: count, connectionTimeoutMillis: 60_000 });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const before = process.cpuUsage();
  await work(pool, count);
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  await waitFor(() => pool.idleCount === 1, { what: "the one connection to be back" });
  expect(pool.waitingCount).toBe(0);
  return { microsecondsEach: (user + system) / count, longestStallMs: delay.max / 1e6 };
}

async function expectLinear(work: (pool: Pool, count: number) => Promise<void>): Promise<void> {
  await measured(FEW, work); // code that has not run yet costs more
  const few = await measured(FEW, work);
  let each = Number.POSITIVE_INFINITY;
  for (let taken = 0; taken < MOST_MEASUREMENTS && each >= COST_RATIO * few.microsecondsEach; taken++) {
    const many = await measured(MANY, work);
    expect(many.longestStallMs).toBeLessThan(LONGEST_STALL_MS);
    each = Math.min(each, many.microsecondsEach);
  }
  expect(each).toBeLessThan(COST_RATIO * few.microsecondsEach);
}

/** Does something for every caller, and lets others have a turn now and then. */
async function inCrowds(count: number, each: (index: number) => void): Promise<void> {
  for (let index = 0; index < count; index++) {
    each(index);
    if (index % CROWD === CROWD - 1) await nextTurn();
  }
}

/** What telling 80,000 callers in one turn of the loop would take is above it. */
const LONGEST_STALL_AT_ONCE_MS = 1_000;

const hasTimedOut = (waiting: Promise<pg.PoolClient>) =>
  waiting.then(
    () => false,
    (error) => error instanceof AcquireTimeoutError,
  );

describe("80,000 waiters cost no more each than a few, and do not stall the loop", () => {
  test("while they come, and while their time runs out", () =>
    expectLinear(async (pool, count) => {
      const client = await pool.acquire();
      const outcomes: Promise<boolean>[] = [];
      await inCrowds(count, (index) =>
        outcomes.push(hasTimedOut(pool.acquire({ timeoutMs: 500 + (index % 3_000) }))),
      );
      expect((await Promise.all(outcomes)).every(Boolean)).toBe(true);
      expect(pool.getTotals().timeouts).toBe(count);
      client.release();
    }));

  test("when the time of all of them runs out at once", async () => {
    const deadlineMs = performance.now() + 4_000;
    const { longestStallMs } = await measured(MANY, async (pool, count) => {
      const client = await pool.acquire();
      const outcomes: Promise<boolean>[] = [];
      await inCrowds(count, () => {
        const timeoutMs = Math.max(1, Math.round(deadlineMs - performance.now()));
        outcomes.push(hasTimedOut(pool.acquire({ timeoutMs })));
      });
      expect((await Promise.all(outcomes)).every(Boolean)).toBe(true);
      client.release();
    });
    expect(longestStallMs).toBeLessThan(LONGEST_STALL_AT_ONCE_MS);
  });

  test("and one whose callback throws does not keep the others from being told", async () => {
    const pool = database.pool({ max: 1, connectionTimeoutMillis: 50 });
    const client = await pool.acquire({ timeoutMs: 5_000 });
    const thrown: unknown[] = [];
    const isolated = catchUncaught(thrown);
    const told = Promise.all([
      new Promise<void>((resolve) => {
        pool.connect(() => {
          resolve();
          throw new Error("a caller's own");
        });
      }),
      hasTimedOut(pool.connect()),
    ]);
    expect(await told).toEqual([undefined, true]);
    isolated.restore();
    expect(String(thrown)).toContain("a caller's own");
    client.release();
  });

  test("while they give up, the last one first", () =>
    expectLinear(async (pool, count) => {
      const client = await pool.acquire();
      const callers: AbortController[] = [];
      let canceled = 0;
      await inCrowds(count, () => {
        const caller = new AbortController();
        callers.push(caller);
        pool.acquire({ signal: caller.signal }).catch(() => {
          canceled++;
        });
      });
      expect(pool.waitingCount).toBe(count);
      await inCrowds(count, () => callers.pop()?.abort());
      expect(canceled).toBe(count);
      client.release();
    }));

  test("while they are served, in their order", () =>
    expectLinear(async (pool, count) => {
      const client = await pool.acquire();
      let served = 0;
      let outOfTurn = 0;
      const serve = async (waiting: Promise<pg.PoolClient>, index: number) => {
        const client = await waiting;
        if (index !== served++) outOfTurn++;
        if (index % CROWD === 0) await nextTurn();
        client.release();
      };
      const outcomes: Promise<void>[] = [];
      await inCrowds(count, (index) => outcomes.push(serve(pool.acquire(), index)));
      client.release();
      await Promise.all(outcomes);
      expect({ served, outOfTurn }).toEqual({ served: count, outOfTurn: 0 });
    }));
});

test("`maxWaiting` sheds load at once with PoolSaturatedError, and those who wait are served", async () => {
  const pool = database.pool({ max: 1, maxWaiting: 5 });
  const client = await pool.connect();
  const waiting = [1, 2, 3, 4, 5].map(() => pool.query("select 1 as one"));
  const refused = Array.from({ length: 100 }, () => pool.connect().catch((error) => error));
  for (const error of await Promise.all(refused)) expect(error).toBeInstanceOf(PoolSaturatedError);
  expect(pool.getStats()).toMatchObject({ waitingCount: 5, usedCount: 1 });
  expect(pool.getTotals()).toMatchObject({ shed: 100, timeouts: 0 });
  client.release();
  for (const { rows } of await Promise.all(waiting)) expect(rows).toEqual([{ one: 1 }]);
});

/** Takes the place of whoever listens to uncaught exceptions, the test runner included. */
function catchUncaught(into: unknown[]): { restore(): void } {
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => into.push(error));
  return {
    restore() {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    },
  };
}
