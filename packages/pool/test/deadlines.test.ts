import { createHook } from "node:async_hooks";
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client, StatementTimeoutError } from "@openhouse/pool";
import { findFreePort, waitFor } from "@openhouse/pool-testing";
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

test("a deadline is a string, too, as pg takes it", async () => {
  const pool = database.pool({ max: 1 });
  const limit = { query_timeout: "20000" } as unknown as pg.QueryConfig;
  const { rows } = await pool.query({ ...limit, text: "select 1 as n from pg_sleep(0.1)" });
  expect(rows).toEqual([{ n: 1 }]);
});

test("a statement that is given to a connection which was refused has its deadline too", async () => {
  const port = await findFreePort();
  const client = new Client({ host: "127.0.0.1", port, user: "x", database: "x", queryTimeoutMs: LIMIT_MS });
  const first = client.query("select 1").catch((error: Error) => error);
  await expect(client.connect()).rejects.toThrow("ECONNREFUSED");
  expect(await first).toBeInstanceOf(Error);
  await expect(client.query("select 2")).rejects.toThrow();
});

test("a process whose statement waits for a connection that is not made does not end before its deadline", async () => {
  const code = `
    import { Client } from "@openhouse/pool";
    const client = new Client({ host: "127.0.0.1", user: "x", database: "x", queryTimeoutMs: ${LIMIT_MS} });
    client.query("select 1").catch((error) => console.log(error.name));`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stdout).toBe("StatementTimeoutError\n");
});

test("nor does one whose stream, the caller's own, holds no process", async () => {
  const code = `
    import { Duplex } from "node:stream";
    import { Client } from "@openhouse/pool";
    const message = (type, body) => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
    const int32 = (value) => Buffer.from([value >> 24, value >> 16, value >> 8, value]);
    const signedIn = [message("R", int32(0)), message("K", Buffer.concat([int32(1), int32(2)])), message("Z", Buffer.from("I"))];
    class Silent extends Duplex {
      connect() { process.nextTick(() => this.emit("connect")); return this; }
      setNoDelay() {}
      setKeepAlive() {}
      _read() {}
      _write(_chunk, _encoding, done) {
        for (const each of signedIn.splice(0)) this.push(each);
        done();
      }
    }
    const options = { user: "x", database: "x", ssl: false, queryTimeoutMs: ${LIMIT_MS} };
    const client = new Client({ ...options, stream: () => new Silent() });
    await client.connect();
    await client.query("select 1").catch((error) => console.log(error.name));`;
  const args = ["--import", "tsx", "--input-type=module", "--eval", code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stdout).toBe("StatementTimeoutError\n");
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

test("an answer that has arrived while the event loop was blocked is in time, and nothing is cancelled", async () => {
  const pool = database.pool({ max: 1 });
  await pool.query("select 1");
  const statement = { text: "select pg_sleep(0.05)", query_timeout: 100 };
  const answer = pool.query(statement);
  const untilMs = performance.now() + 500;
  while (performance.now() < untilMs);
  await answer;
  expect(pool.getTotals().cancelRequests).toBe(0);
});
