import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { useDatabase } from "./support/pools.ts";

const database = useDatabase();

/** The innermost cause: Drizzle's own error is made where the caller is. */
function rootOf(error: unknown): Error {
  let root = error as Error;
  while (root.cause instanceof Error) root = root.cause;
  return root;
}

test.each(["a pool", "a client", "a pool's client in a transaction", "Drizzle", "Drizzle's batch"])(
  "the stack of a statement's error leads to whoever awaits it, on %s",
  async (what) => {
    const pool = database.pool({ max: 1 });
    const { db } = drizzleOverPool(() => pool, {});
    const client = what.includes("client") ? await pool.connect() : undefined;
    if (what.includes("transaction")) await client?.query("begin");
    async function awaitingFunction() {
      if (what === "Drizzle's batch") return await db.batch([db.execute(sql`select 1 / 0`)]);
      if (what === "Drizzle") return await db.execute(sql`select 1 / 0`);
      return await (client ?? pool).query("select 1 / 0");
    }
    const error = await awaitingFunction().catch(rootOf);
    client?.release();
    expect(error).toMatchObject({ code: "22012", stack: expect.stringContaining("awaitingFunction") });
  },
);

test("an acquire hears of what somebody has put in the place of the pool's connect, which knows no callback", async () => {
  const pool = database.pool({ max: 1 });
  const connect = pool.connect.bind(pool);
  pool.connect = (async () => await connect()) as typeof pool.connect;
  (await pool.acquire()).release();
  expect(pool.idleCount).toBe(1);
  pool.connect = (() => Promise.reject(new Error("a test's own"))) as typeof pool.connect;
  await expect(pool.acquire()).rejects.toThrow("a test's own");
});

test("the stack of an acquire's error leads to whoever awaits it", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.connect();
  async function awaitingFunction() {
    return await pool.acquire({ timeoutMs: 50 });
  }
  const error = await awaitingFunction().catch(rootOf);
  client.release();
  expect(error).toMatchObject({
    name: "AcquireTimeoutError",
    stack: expect.stringContaining("awaitingFunction"),
  });
});
