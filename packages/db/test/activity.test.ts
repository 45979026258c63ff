import { startFaultProxy, waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { databaseActivity, type KnownActivity, lastDatabaseActivity } from "../src/activity.ts";
import { db, disconnect, getPoolStats, nameProcess } from "../src/client.ts";
import { databaseHolders } from "../src/figures.ts";
import { readActivity } from "../src/read-activity.ts";
import { withClient } from "../src/with-client.ts";
import { usePortalDatabase } from "./support/portal-database.ts";

const database = usePortalDatabase();
const others: pg.Client[] = [];

beforeEach(() => vi.stubEnv("DATABASE_URL", database().appUrl));
afterEach(async () => {
  await Promise.all(others.splice(0).map((each) => each.end()));
  await disconnect();
});

async function connectAs(url: string, application_name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name });
  await client.connect();
  others.push(client);
  return client;
}

/** Looks until a reading is as it should be: one is taken every three seconds at most. */
function activityThat(what: string, isSo: (activity: KnownActivity) => boolean): Promise<KnownActivity> {
  const look = () => {
    const activity = databaseActivity();
    return activity !== null && isSo(activity) && activity;
  };
  return waitFor(look, { what, timeoutMs: 20_000, intervalMs: 50 });
}

test("who waits for a lock and who is in the way is read past the pool, with no text of a statement", async () => {
  nameProcess("tenant", () => "/documents/[id]");
  const url = database().appUrl;
  const holder = await connectAs(url, "openhouse/tenant@here-1 /holder");
  const waiter = await connectAs(url, "openhouse/tenant@here-2 /waiter");
  await holder.query("begin; select pg_advisory_xact_lock(77) /* a-secret */");
  const waiting = waiter.query("select pg_advisory_xact_lock(77) /* a-secret */");
  const activity = await activityThat("the pair", ({ pairs, transactionsCount }) => {
    return pairs.length > 0 && transactionsCount > 0;
  });
  expect(activity.pairs).toEqual([
    {
      blocked: expect.objectContaining({ applicationName: "openhouse/tenant@here-2 /waiter" }),
      blocker: expect.objectContaining({
        applicationName: "openhouse/tenant@here-1 /holder",
        state: "idle in transaction",
      }),
      lock: "advisory",
      waitsMs: expect.any(Number),
    },
  ]);
  expect(activity.transactions[0]?.transactionMs).toBeGreaterThan(1_000);
  expect(JSON.stringify(activity)).not.toContain("a-secret");
  expect(getPoolStats().usedCount).toBe(0);
  await holder.query("commit");
  await waiting;
});

test("what our role may not see of others is said to be hidden, and who waits for whom is not", async () => {
  const holder = await connectAs(database().superuserUrl, "migration");
  const waiter = await connectAs(database().appUrl, "openhouse/tenant@here-3 /waiter");
  await holder.query("begin; lock table developments in access exclusive mode");
  const waiting = waiter.query("select count(*) from developments").catch(() => {});
  const { pairs, hiddenCount, ourRole } = await activityThat("the pair", (each) => each.pairs.length > 0);
  expect(pairs[0]).toMatchObject({
    lock: "developments",
    blocker: { applicationName: "migration", state: null, transactionMs: null },
  });
  expect(hiddenCount).toBeGreaterThan(0);
  expect(database().appUrl).toContain(ourRole);
  await holder.query("rollback");
  await waiting;
});

test("a full pool does not hold a reading up, and readers at once share one every three seconds", async () => {
  vi.stubEnv("DB_POOL_MAX", "1");
  vi.stubEnv("DB_POOL_MIN", "0");
  await withClient(async () => {
    const first = await activityThat("a reading", () => true);
    const again = Array.from({ length: 50 }, () => databaseActivity()?.atMs);
    expect(new Set(again)).toEqual(new Set([first.atMs]));
    const next = await activityThat("another reading", ({ atMs }) => atMs > first.atMs);
    expect(next.atMs - first.atMs).toBeGreaterThan(2_500);
  });
});

test("while the database is silent the last reading stands, and says that it is stale", async () => {
  const { hostname, port } = new URL(database().appUrl);
  const proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  try {
    vi.stubEnv("DATABASE_URL", proxy.url(database().appUrl));
    const before = await activityThat("a reading", () => true);
    expect(before.isStale).toBe(false);
    expect(lastDatabaseActivity()?.atMs).toBe(before.atMs);
    proxy.pause();
    await waitFor(() => lastDatabaseActivity() === null, {
      what: "a reading in vain, after which a scrape is told of none",
      timeoutMs: 20_000,
    });
    const nowMs = vi.spyOn(Date, "now").mockReturnValue(before.atMs + 11_000);
    const { atMs, isStale } = (await activityThat("it to be stale", (each) => each.isStale)) ?? {};
    nowMs.mockRestore();
    expect([atMs, isStale]).toEqual([before.atMs, true]);
  } finally {
    proxy.resume();
    await disconnect({ timeoutMs: 1_000 });
    await proxy.close();
  }
});

test("a server that is slow to tell is not asked for longer than half a second", async () => {
  const client = await connectAs(database().superuserUrl, "slow");
  await client.query(`create schema slow; set search_path = slow, pg_catalog;
    create view slow.pg_locks as select l.* from pg_catalog.pg_locks l, pg_sleep(5)`);
  try {
    const startedAtMs = performance.now();
    await expect(readActivity(client)).rejects.toMatchObject({ code: "57014" });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    const { rows } = await client.query("show statement_timeout");
    expect(rows).toEqual([{ statement_timeout: "0" }]);
  } finally {
    await client.query("drop schema slow cascade");
  }
});

test("who holds the single client is told, with the place", async () => {
  vi.stubEnv("DB_USE_SINGLE_CLIENT", "true");
  await db.execute("select 1");
  expect(databaseHolders()).toEqual([]);
  await withClient(async () => {
    const [holder, ...more] = databaseHolders();
    expect(more).toEqual([]);
    expect(holder?.callSite).toContain("activity.test.ts");
  });
  expect(databaseHolders()).toEqual([]);
});
