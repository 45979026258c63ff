import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { waitFor } from "@openhouse/pool-testing";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Client } from "../../src/query/client.ts";
import { backendPid, useDatabase } from "../support/pools.ts";
import { runningStatements } from "./support/activity.ts";
import { startChild } from "./support/child.ts";

const run = promisify(execFile);
const database = useDatabase();
/** Longer than the second after which an idle connection is tested. */
const FROZEN_MS = 1_500;

async function isStopped(pid: number): Promise<boolean> {
  const { stdout } = await run("ps", ["-o", "stat=", "-p", String(pid)]);
  return stdout.trim().startsWith("T");
}

/** Ends every other session, as a server does that loses patience, or restarts. @returns how many there were. */
async function terminateOthers(observer: Client): Promise<number> {
  const OTHERS =
    "datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()";
  const { rowCount } = await observer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where ${OTHERS}`,
  );
  const left = () => observer.query(`select 1 from pg_stat_activity where ${OTHERS}`);
  await waitFor(async () => (await left()).rowCount === 0, { what: "the backends to be gone" });
  return rowCount ?? 0;
}

/** For how long the process is frozen is the fault itself. */
function frozen(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
}

describe.each(["idle", "busy"])(
  "a process frozen for seconds while %s, its backends gone when it thaws",
  (moment) => {
    test.each([
      ["stopped, its clocks going on", "running"],
      ["asleep, with a monotonic clock that stood still", "suspended"],
      ["whose wall clock was set back an hour meanwhile", "set-back"],
    ])("%s: 0 failed statements", async (_what, clocks) => {
      const observer = await database.observer();
      const child = startChild("./frozen.ts", [database.url(), moment, clocks]);
      onTestFinished(() => void child.kill("SIGKILL"));
      await child.hears("open 4");
      child.tell("freeze");
      await waitFor(() => isStopped(child.pid), { timeoutMs: 20_000, what: "the process to be stopped" });
      await waitFor(async () => (await runningStatements(observer)) === 0, {
        what: "its statements to be answered",
      });
      await frozen();
      expect(await terminateOthers(observer)).toBe(4);
      child.kill("SIGCONT");
      await child.hears("thawed");
      child.tell("end");
      const { code, stdout } = await child.end();
      const report = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}");
      expect(report).toMatchObject({ failures: [], usedCount: 0, waitingCount: 0 });
      expect(code).toBe(0);
    });
  },
);

describe("a wall clock that jumps", () => {
  const HOUR_MS = 3_600_000;
  const realNow = Date.now.bind(Date);
  const jump = (byMs: number) => vi.spyOn(Date, "now").mockImplementation(() => realNow() + byMs);
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ["forward", HOUR_MS],
    ["back", -HOUR_MS],
  ])("an hour %s fails no statement, closes no connection and ends no wait", async (_direction, byMs) => {
    const pool = database.pool({ max: 1, connectionTimeoutMillis: 5_000, queryTimeoutMs: 5_000 });
    const pid = await backendPid(pool);
    const client = await pool.connect();
    const waiting = pool.query("select 'served' as outcome");
    const running = client.query("select 'done' as outcome from pg_sleep(0.1)");
    jump(byMs);
    expect((await running).rows).toEqual([{ outcome: "done" }]);
    client.release();
    expect((await waiting).rows).toEqual([{ outcome: "served" }]);
    for (let i = 0; i < 5; i++) expect(await backendPid(pool)).toBe(pid);
  });

  test("back does not make ages negative in the error of a caller who waited in vain", async () => {
    const { pool, proxy } = await database.proxied({ max: 1, connectionTimeoutMillis: 300 });
    await proxy.refuse();
    const attempt = once(pool.events, "connectFailed");
    const failed = pool.query("select 1").catch(String);
    await attempt;
    jump(-HOUR_MS);
    expect(await failed).toMatch(/connecting failed \d+ ms ago: connection_refused/);
  });
});
