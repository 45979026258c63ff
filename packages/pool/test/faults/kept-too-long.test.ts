import { waitFor } from "@openhouse/pool-testing";
import { keptTooLong } from "@openhouse/tooling/faults/kept-too-long";
import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { LeakReport } from "../../src/acquire/leak-detection.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import type { Pool } from "../../src/pool.ts";
import type { Logger } from "../../src/telemetry/logger.ts";
import { useDatabase } from "../support/pools.ts";

const database = useDatabase();
const caught = (error: unknown) => error;
const HERE = "kept-too-long.test.ts";
const THRESHOLD_MS = 100;

/** What the pool tells of leaks. */
function reports(pool: Pool): { leaks: LeakReport[]; returned: LeakReport[] } {
  const leaks: LeakReport[] = [];
  const returned: LeakReport[] = [];
  pool.events.on("leak", (report) => leaks.push(report));
  pool.events.on("leakReturned", (report) => returned.push(report));
  return { leaks, returned };
}

/** A logger that keeps warnings and notes. */
function notes() {
  const lines: [level: string, event: string, fields: Record<string, unknown> | undefined][] = [];
  const logger: Logger = {
    keepsFields: true,
    debug: () => {},
    info: (event, fields) => lines.push(["info", event, fields]),
    warn: (event, fields) => lines.push(["warn", event, fields]),
    error: (event, fields) => lines.push(["error", event, fields]),
  };
  return { lines, logger };
}

async function forgetToRelease(pool: Pool) {
  return await pool.connect();
}

describe("a client that is kept too long", () => {
  test("is warned about, with the place of the acquire and its age", async () => {
    const { lines, logger } = notes();
    const pool = database.pool({ leakThresholdMs: THRESHOLD_MS, logger });
    const { leaks } = reports(pool);
    const client = await forgetToRelease(pool);
    const [leak] = await waitFor(() => leaks.length > 0 && leaks, { what: "the warning" });
    expect(leak?.callSite).toMatch(new RegExp(`forgetToRelease.*${HERE}:\\d+`));
    expect(leak?.heldMs).toBeGreaterThanOrEqual(THRESHOLD_MS - 1); // Node's timers may fire a fraction early
    expect(lines).toEqual([
      ["warn", "db.pool.leak", expect.objectContaining({ callSite: leak?.callSite, heldMs: leak?.heldMs })],
    ]);
    client.release();
  });

  test("is named also where the process keeps short stacks", async () => {
    const pool = database.pool({ leakThresholdMs: THRESHOLD_MS });
    const { leaks } = reports(pool);
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 2;
    const taken = forgetToRelease(pool);
    Error.stackTraceLimit = stackTraceLimit;
    await waitFor(() => leaks.length === 1, { what: "the warning" });
    (await taken).release();
    expect(leaks[0]?.callSite).toMatch(new RegExp(`forgetToRelease.*${HERE}:\\d+`));
  });

  test("is noted when it comes back after all, once", async () => {
    const { lines, logger } = notes();
    const pool = database.pool({ leakThresholdMs: THRESHOLD_MS, logger });
    const { leaks, returned } = reports(pool);
    const client = await forgetToRelease(pool);
    await waitFor(() => leaks.length === 1, { what: "the warning" });
    expect(returned).toEqual([]);
    client.release();
    expect(returned).toEqual([{ callSite: leaks[0]?.callSite, heldMs: expect.any(Number) }]);
    expect(returned[0]?.heldMs).toBeGreaterThanOrEqual(leaks[0]?.heldMs ?? 0);
    expect(lines.map(([level, event]) => [level, event])).toEqual([
      ["warn", "db.pool.leak"],
      ["info", "db.pool.leak_returned"],
    ]);
  });

  test("is warned about also when Drizzle holds it: a transaction that does not end", async () => {
    const pool = database.pool({ leakThresholdMs: THRESHOLD_MS });
    const { leaks, returned } = reports(pool);
    await drizzleOverPool(() => pool, {}).db.transaction(async (tx) => {
      await tx.execute(sql`select pg_sleep(0.3)`);
    });
    expect(leaks).toHaveLength(1);
    expect(leaks[0]?.callSite).toContain(HERE);
    expect(returned).toHaveLength(1);
  });
});

test("a client that is returned in time is not mentioned, however often", async () => {
  const pool = database.pool({ max: 1, leakThresholdMs: THRESHOLD_MS });
  const { leaks, returned } = reports(pool);
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < 3 * THRESHOLD_MS) await pool.query("select 1");
  expect([...leaks, ...returned]).toEqual([]);
});

describe("a caller who waited in vain", () => {
  test("is told who holds the connections, for how long, and where they took them", async () => {
    const outcome = await keptTooLong(database.ours());
    expect(outcome).toEqual({ warnings: 2, notes: 2, starvedCallerIsToldOfThem: true });
  });

  test("is told for how long also where places are not recorded", async () => {
    const pool = database.pool({ max: 1 });
    const client = await forgetToRelease(pool);
    const error = await pool.acquire({ timeoutMs: 100 }).catch(caught);
    const [, heldMs] = /held longest: (\d+) ms/.exec(String(error)) ?? [];
    expect(Number(heldMs)).toBeGreaterThanOrEqual(99);
    client.release();
  });

  test("is not told of those who have given their connection back", async () => {
    const { pool, proxy } = await database.proxied({ max: 2, leakThresholdMs: 60_000 });
    (await forgetToRelease(pool)).release(true);
    const holder = await pool.connect();
    proxy.pause();
    const error = await pool.acquire({ timeoutMs: 150 }).catch(caught);
    expect(String(error)).toContain("1 being opened");
    expect(String(error).match(/ ms at /g)).toHaveLength(1);
    expect(String(error)).not.toContain("forgetToRelease");
    proxy.resume();
    holder.release();
  });
});
