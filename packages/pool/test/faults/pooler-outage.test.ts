import { sql } from "drizzle-orm";
import type pg from "pg";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { classifyError } from "../../src/errors/classify.ts";
import { CommitUnknownError, NestedAcquireError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { poolHealth } from "../../src/pool-health.ts";
import { RetryBudget, withRetry } from "../../src/retry.ts";
import { scoped } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { type PoolerProxy, startPoolerProxy } from "../support/pooler-proxy.ts";
import { useDatabase } from "../support/pools.ts";

const AWAY = "server login has been failing, try again later (server_login_retry)";
const database = useDatabase();
const SCOPE = { "app.tenant_id": "1" };
const INSERT = "insert into kept values (1)";
let proxy: PoolerProxy;
afterEach(() => proxy.close());
beforeAll(async () => {
  await database.pool().query("create table kept (id int)");
});

/** A pool behind the proxy, with one connection that has served somebody. */
async function behindPooler(options: PoolOptions = {}): Promise<Pool> {
  await database.pool().query("truncate kept");
  const { host = "", port = 0 } = database.options();
  proxy = await startPoolerProxy({ host, port });
  const at = { host: "127.0.0.1", port: proxy.port, prepare: "off" as const };
  const pool = database.pool({ max: 1, ...at, ...options });
  const client = await pool.acquire({ timeoutMs: 10_000 }); // however short the others are to wait
  await client.query("select 1");
  client.release();
  return pool;
}

async function rowsKept(): Promise<number> {
  return (await database.pool().query("select from kept")).rowCount ?? 0;
}

const WAYS: readonly (readonly [string, (pool: Pool) => Promise<unknown>])[] = [
  ["a statement", (pool) => pool.query(INSERT)],
  [
    "a statement with a callback",
    (pool) =>
      new Promise((resolve, reject) =>
        pool.query(INSERT, (error: Error | null, result: pg.QueryResult) =>
          error ? reject(error) : resolve(result),
        ),
      ),
  ],
  ["a scoped statement", (pool) => scoped(pool, SCOPE).query(INSERT)],
  ["several in a scope", (pool) => scoped(pool, SCOPE).query(`${INSERT}; select 1`)],
  ["a batch", (pool) => scoped(pool, SCOPE).batch([INSERT, "select 1"])],
  ["a transaction", (pool) => new ScopedPool(() => pool).transaction((tx) => tx.query(INSERT))],
  ["a scope's transaction", (pool) => scoped(pool, SCOPE).transaction((tx) => tx.query(INSERT))],
  [
    "Drizzle's transaction",
    (pool) => drizzleOverPool(() => pool, {}).db.transaction((tx) => tx.execute(sql.raw(INSERT))),
  ],
];

describe("what a pooler has not sent on", () => {
  test.each(WAYS)("is sent again on another connection, and kept once: %s", async (_what, work) => {
    const pool = await behindPooler();
    proxy.end(AWAY, 2);
    await work(pool);
    expect(await rowsKept()).toBe(1);
    expect(proxy.signIns).toBeLessThanOrEqual(3);
    expect(pool.getStats()).toMatchObject({ usedCount: 0, totalCount: 1 });
  });

  test("is no sign of a server: who was signed in meanwhile serves nobody before it has answered", async () => {
    const pool = await behindPooler({ pooler: "session" }); // nothing else is asked of a new connection then
    proxy.end(AWAY, 2);
    await expect(
      pool.connect().then((client) => client.query("select 1").finally(() => client.release(true))),
    ).rejects.toThrow();
    const client = await pool.connect();
    expect((await client.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
    client.release();
  });

  test.each(WAYS)("is told as not sent when the acquire deadline is over: %s", async (_what, work) => {
    const pool = await behindPooler({ connectionTimeoutMillis: 300 });
    proxy.end(AWAY);
    const startedAtMs = performance.now();
    const error = await work(pool).catch((thrown: unknown) => thrown);
    expect(classifyError(error)).toMatchObject({ kind: "connection_refused", retry: "not_sent" });
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
    expect(await rowsKept()).toBe(0);
  });

  test("is not sent again behind a statement that was", async () => {
    const pool = await behindPooler({ max: 2 });
    const work = vi.fn(async (tx: { query(text: string): Promise<unknown> }) => {
      await tx.query(INSERT);
      proxy.end("query_wait_timeout", 1);
      await tx.query("select 1");
    });
    await expect(new ScopedPool(() => pool).transaction(work)).rejects.toMatchObject({ code: "08P01" });
    expect(work).toHaveBeenCalledOnce();
    expect(await rowsKept()).toBe(0);
  });

  test("is rolled back with the rest of its transaction", async () => {
    const pool = await behindPooler();
    proxy.end(AWAY, 1);
    const work = new ScopedPool(() => pool).transaction(async (tx) => {
      await tx.query(INSERT);
      throw new Error("changed my mind");
    });
    await expect(work).rejects.toThrow("changed my mind");
    expect(await rowsKept()).toBe(0);
  });

  test("may be run again with its work, where that has sent nothing else", async () => {
    const pool = await behindPooler();
    proxy.end(AWAY, 1);
    const work = async () => {
      const client = await pool.connect();
      try {
        return await client.query(INSERT);
      } finally {
        client.release();
      }
    };
    await withRetry(work, new RetryBudget());
    expect(await rowsKept()).toBe(1);
  });

  test("leaves the connection that a transaction has got instead known as held by it", async () => {
    const pool = await behindPooler();
    proxy.end(AWAY, 1);
    const nested = new ScopedPool(() => pool).transaction(async (tx) => {
      await tx.query("select 1");
      await pool.query("select 2");
    });
    await expect(nested).rejects.toBeInstanceOf(NestedAcquireError);
  });
});

test.each([1, 8])(
  "while a pooler's server is away callers wait for one connection that answers, and sign-ins are few: max %i",
  async (max) => {
    const pool = await behindPooler({ max, maxWaiting: 100, connectionTimeoutMillis: 10_000 });
    await Promise.all(Array.from({ length: 8 }, () => pool.query("select pg_sleep(0.05)")));
    const before = proxy.signIns;
    proxy.end(AWAY);
    const callers = Array.from({ length: 40 }, () => pool.query(INSERT));
    const settledEarly = vi.fn();
    for (const caller of callers) caller.then(settledEarly, settledEarly);
    await vi.waitFor(
      () => expect(pool.getTotals().connectErrors.connection_refused).toBeGreaterThan(3),
      5_000,
    );
    const during = proxy.signIns - before;
    expect(settledEarly).not.toHaveBeenCalled();
    expect(during).toBeLessThan(20);
    proxy.recover();
    await Promise.all(callers);
    expect(await rowsKept()).toBe(40);
  },
);

test.each([
  ["server conn crashed?", true],
  ["a text that no PgBouncer has had until now", true],
  ["query_wait_timeout", false],
])(
  "a batch's write that a pooler has ended is in doubt, unless it was never sent: %s",
  async (text, isInDoubt) => {
    const pool = await behindPooler({ connectionTimeoutMillis: 100 });
    proxy.end(text);
    const batch = (statement: string) =>
      scoped(pool, SCOPE)
        .batch([statement, "select 1"])
        .catch((thrown: unknown) => thrown);
    expect((await batch(INSERT)) instanceof CommitUnknownError).toBe(isInDoubt);
    expect(await batch("select 2")).not.toBeInstanceOf(CommitUnknownError);
  },
);

describe("health tells a pooler that waits from a server that is gone", () => {
  test.each<[string, (proxy: PoolerProxy) => void, string]>([
    [
      "a paused one takes what it is asked, and answers nothing",
      (proxy) => proxy.fallSilent(),
      "pooler_waiting",
    ],
    [
      "one without a connection to the server says so",
      (proxy) => proxy.end("query_wait_timeout"),
      "pooler_waiting",
    ],
    ["one whose server is gone says so", (proxy) => proxy.end(AWAY), "connection_refused"],
  ])("%s", async (_what, fail, kind) => {
    const pool = await behindPooler();
    fail(proxy);
    const health = poolHealth(pool);
    const { answeredMsAgo: _, ...stats } = pool.getStats();
    vi.spyOn(pool, "getStats").mockReturnValue(stats);
    expect(await health.check()).toMatchObject({ status: "unhealthy", error: kind });
    await health.close();
  });
});
