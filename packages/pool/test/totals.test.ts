import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { RetryBudget, withRetry } from "../src/retry.ts";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

test("statements are timed, and those that fail are counted by kind", async () => {
  const pool = database.pool();
  await pool.query("select pg_sleep(0.05)");
  await expect(pool.query("select 1/0")).rejects.toThrow();
  await expect(pool.query("select * from nowhere")).rejects.toThrow();
  const client = await pool.connect();
  await client.query("select 1");
  client.release();
  const { run, statementErrors } = pool.getTotals();
  expect(run.count).toBe(4);
  expect(run.sumMs).toBeGreaterThanOrEqual(45);
  expect(statementErrors).toEqual({ data: 1, schema: 1 });
});

test("what the pool itself asks is no statement of anybody's", async () => {
  const pool = database.pool({ max: 1, onConnect: async (client) => void (await client.query("select 1")) });
  await pool.query("set statement_timeout = 1000"); // the session is reset when it comes back
  await waitFor(() => pool.getStats().idleCount === 1, { what: "the connection to be idle" });
  await pool.query("select 1");
  expect(pool.getTotals().run.count).toBe(2);
});

test("a statement that is cancelled at its deadline, or by its caller, counts as a request to cancel", async () => {
  const pool = database.pool({ queryTimeoutMs: 50 });
  await expect(pool.query("select pg_sleep(10)")).rejects.toThrow();
  await expect(
    pool.query({ text: "select pg_sleep(10)", signal: AbortSignal.timeout(20) } as never),
  ).rejects.toThrow();
  const { cancelRequests, statementErrors } = pool.getTotals();
  expect(cancelRequests).toBe(2);
  expect(statementErrors).toEqual({ timeout: 2 });
});

test("attempts to connect that fail are counted by kind", async () => {
  const pool = database.pool({ database: "nowhere" });
  await expect(pool.query("select 1")).rejects.toThrow();
  expect(pool.getTotals().connectErrors).toEqual({ config: 1 });
});

test("a connection that is held too long is counted once, and the age of the oldest waiter grows", async () => {
  const pool = database.pool({ max: 1, leakThresholdMs: 20 });
  expect(pool.oldestWaiterMs).toBe(0);
  const held = await pool.acquire();
  const waiting = [pool.acquire(), pool.acquire()];
  await waitFor(() => pool.oldestWaiterMs > 30, { what: "a caller to have waited" });
  expect(pool.getTotals().leaked).toBe(1);
  held.release();
  for (const each of waiting) (await each).release();
  expect(pool.oldestWaiterMs).toBe(0);
});

test("holders are told with how long they have held, the longest first, and with their place where it is known", async () => {
  const pool = database.pool({ max: 2, leakThresholdMs: 60_000 });
  expect(pool.getHolders()).toEqual([]);
  const first = await pool.acquire();
  await waitFor(() => (pool.getHolders()[0]?.heldMs ?? 0) > 20, {
    what: "the first to have held for a while",
  });
  const second = await pool.acquire();
  const [longest, shortest] = pool.getHolders();
  expect(longest?.heldMs).toBeGreaterThan(shortest?.heldMs ?? 0);
  expect(longest?.callSite).toContain("totals.test.ts");
  first.release();
  second.release();
  expect(pool.getHolders()).toEqual([]);
});

test("retries are counted, those that the budget refuses as well", async () => {
  const budget = new RetryBudget();
  const failure = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const failing = () => Promise.reject(failure);
  await expect(withRetry(failing, budget, { attempts: 2 })).rejects.toBe(failure);
  expect(budget.getStats()).toEqual({ retries: 1, refused: 0, tokens: 495 });
  while (budget.spend());
  await expect(withRetry(failing, budget)).rejects.toBe(failure);
  expect(budget.getStats()).toEqual({ retries: 100, refused: 2, tokens: 0 });
});
