import { once } from "node:events";
import { frozenProcess } from "@openhouse/tooling/faults/frozen-process";
import { afterEach, describe, expect, test, vi } from "vitest";
import { backendPid, useDatabase } from "../support/pools.ts";

const database = useDatabase();

/** Longer, and shorter, than the second after which an idle connection is pinged. */
const FROZEN_MS = [1_500, 300];

describe.each(FROZEN_MS.flatMap((ms) => [[ms, "idle"] as const, [ms, "busy"] as const]))(
  "a process frozen for %i ms while %s, its backends gone when it thaws",
  (frozenMs, moment) => {
    test.each([
      ["stopped, its clocks going on", "running"],
      ["asleep, with a monotonic clock that stood still", "suspended"],
      ["whose wall clock was set back an hour meanwhile", "set-back"],
    ] as const)("%s: 0 failed statements", async (_what, clocks) => {
      expect(await frozenProcess(database.ours(), moment, clocks, frozenMs)).toEqual({
        backendsGone: 4,
        exitCode: 0,
        failed: 0,
        failures: "none",
        slotsLost: 0,
        waiting: 0,
      });
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
