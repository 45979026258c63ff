import { setImmediate as nextTurn } from "node:timers/promises";
import { GATEKEEPERS, ONLOOKERS, throwingCode } from "@openhouse/tooling/faults/throwing-code";
import { describe, expect, test, vi } from "vitest";
import { callOnlooker } from "../../src/async/foreign-code.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { SingleClientPool } from "../../src/single-client/single-client-pool.ts";
import { settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const fail = () => {
  throw new Error("thrown by a test");
};

describe("callers are served, and the process lives, although there throws", () => {
  test.each(ONLOOKERS)("%s", async (who) => {
    const { stderr, ...outcome } = await throwingCode(database.ours(), who);
    expect(outcome).toEqual({ exitCode: 0, first: "done", destroyed: "done", afterwards: "done" });
    expect(stderr).toContain("POOL_CODE_THREW");
    expect(stderr).toContain("throwing.ts"); // where
    expect(stderr).not.toContain(`${who} throws`); // an error's message may hold values
  });
});

test.each(GATEKEEPERS)(
  "a listener of '%s' that throws refuses the connection to its caller, and to no other",
  async (who) => {
    expect(await throwingCode(database.ours(), who)).toEqual({
      exitCode: 0,
      stderr: "",
      first: "Error",
      destroyed: "done",
      afterwards: "done",
    });
  },
);

test("a connection that a listener has refused serves nobody", async () => {
  const pool = database.pool({ max: 1 });
  const refused: unknown[] = [];
  for (const event of ["connect", "acquire"] as const)
    pool.once(event, (client) => {
      refused.push(client);
      fail();
    });
  for (let times = 0; times < 2; times++)
    await expect(pool.query("select 1")).rejects.toThrow("thrown by a test");
  const client = await pool.connect();
  expect(refused).not.toContain(client);
  client.release();
  expect(new Set(refused).size).toBe(2);
  expect(pool.totalCount).toBe(1);
});

test("what throws is told of once, however often it throws, and also where it is a promise that rejects", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  for (let times = 0; times < 3; times++) callOnlooker("a test", async () => fail(), undefined, []);
  await nextTurn();
  expect(emitWarning.mock.calls.map(([text]) => text)).toEqual(["a test has thrown Error; the pool goes on"]);
  emitWarning.mockRestore();
});

test("the listeners behind one that throws are told, and so is who watches for errors", async () => {
  const pool = database.pool();
  const told: string[] = [];
  pool.on("release", fail);
  pool.on("release", () => told.push("release"));
  pool.events.on("destroyed", fail);
  pool.events.on("destroyed", () => told.push("destroyed"));
  const client = await pool.connect();
  client.on("notice", fail);
  client.on("notice", () => told.push("notice"));
  await client.query("do $$ begin raise notice 'listen'; end $$");
  client.release(true);
  expect(told).toEqual(["notice", "release", "destroyed"]);
});

test("a callback that throws is heard of by the process, as with pg, and the answer is read to its end", async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  const others = process.rawListeners("uncaughtException") as (() => void)[];
  process.removeAllListeners("uncaughtException").on("uncaughtException", note);
  try {
    const pool = database.pool({ max: 1 });
    const asked = () =>
      new Promise<void>((resolve) =>
        pool.query("select 1/0", () => {
          resolve();
          fail();
        }),
      );
    await asked();
    await asked();
    await settled(pool);
    expect(pool.totalCount).toBe(1);
    await new Promise<void>((resolve) =>
      pool.connect((_error, _client, release) => {
        resolve();
        release();
        fail();
      }),
    );
    await settled(pool);
    expect(pool.getTotals().created).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(uncaught.map(String)).toEqual(Array(3).fill("Error: thrown by a test"));
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const other of others) process.on("uncaughtException", other);
  }
});

test("a scope that cannot be signed costs no slot", async () => {
  const pool = database.pool({ max: 1 });
  const { scoped } = drizzleOverPool(() => pool, {}, { sign: fail });
  for (let times = 0; times < 2; times++)
    await expect(scoped({ "app.tenant_id": "1" }).execute("select 1")).rejects.toThrow();
  await settled(pool);
  expect(pool.idleCount).toBe(1);
});

test("the single client serves on, whatever its listeners of 'release' throw", async () => {
  const pool = database.keep(new SingleClientPool(database.options()));
  pool.on("release", fail);
  for (let times = 0; times < 2; times++) await pool.query("select 1");
  expect(pool.waitingCount).toBe(0);
});
