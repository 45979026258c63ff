import { createHook } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { StatementTimeoutError } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { expect, test } from "vitest";
import { followTimers } from "./model/timers.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();
const LIMIT_MS = 300;

/** How long a statement took that would take far longer than any deadline. */
async function cancelledAfterMs(query: Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await expect(query).rejects.toThrow(StatementTimeoutError);
  return performance.now() - startedAtMs;
}

test("a statement that begins while an earlier one's timer runs has all of its own time, and no more", async () => {
  const pool = database.pool({ max: 1, queryTimeoutMs: LIMIT_MS });
  await pool.query("select 1");
  await sleep(LIMIT_MS / 2);
  const tookMs = await cancelledAfterMs(pool.query("select pg_sleep(20)"));
  expect(tookMs).toBeGreaterThanOrEqual(LIMIT_MS);
  expect(tookMs).toBeLessThan(10_000);
});

test("a shorter deadline does not wait for the timer of a longer one", async () => {
  const pool = database.pool({ max: 1, queryTimeoutMs: 30_000 });
  await pool.query("select 1");
  const late = { text: "select pg_sleep(20)", query_timeout: LIMIT_MS };
  expect(await cancelledAfterMs(pool.query(late))).toBeLessThan(10_000);
});

test("of several statements on one connection each ends at its own deadline", async () => {
  const pool = database.pool({ max: 1, queryTimeoutMs: 30_000 });
  const client = await pool.connect();
  const statement = (query_timeout: number) =>
    client.query({ text: "select pg_sleep(20)", query_timeout } as pg.QueryConfig);
  const queries = [statement(600), statement(LIMIT_MS), statement(900)];
  const outcomes = await Promise.allSettled(queries);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect((await client.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
  client.release();
});

test("statements that are answered in time set one timer between them", async () => {
  const pool = database.pool({ max: 1, queryTimeoutMs: 30_000 });
  await pool.query("select 1");
  let timers = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === "Timeout") timers++;
    },
  }).enable();
  for (let n = 0; n < 50; n++) await pool.query("select 1");
  hook.disable();
  expect(timers).toBeLessThan(10);
});

test("a connection that has ended leaves no timer behind, whether or not a statement was under way", async () => {
  await followTimers(async (running) => {
    const pool = database.pool({ max: 2, queryTimeoutMs: 30_000 });
    const client = await pool.connect();
    await client.query("select 1");
    const lost = client.query("select pg_terminate_backend(pg_backend_pid())");
    await expect(lost).rejects.toThrow();
    client.release(true);
    await pool.query("select 1");
    await pool.end();
    await waitFor(() => running().length === 0, { what: "the timers to be gone" });
  });
});
