import type { Pool } from "@openhouse/pool";
import { waitFor } from "@openhouse/pool-testing";
import { eq, sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  disconnect,
  forTenant,
  getDatabaseResources,
  getPoolStats,
  healthCheck,
  ReadToken,
  type ReplicaReadOptions,
  type ReplicaStats,
  readToken,
} from "../src/client.ts";
import { log } from "../src/log.ts";
import { databaseMetrics } from "../src/metrics.ts";
import { searchDocuments } from "../src/queries/document-search.ts";
import { developments } from "../src/schema/index.ts";
import { type Replicated, replicasAre, startReplicated, stutter } from "./support/replicated.ts";
import { COOPERS_QUAY, HARBOUR, NORTHGATE } from "./support/tenants.ts";

let servers: Replicated;

beforeAll(async () => {
  servers = await startReplicated(1);
}, 120_000);
afterAll(() => servers.stop());
beforeEach(() => {
  vi.stubEnv("DATABASE_URL", servers.appUrl);
  vi.stubEnv("DATABASE_URL_REPLICAS", servers.replicaUrls.join(","));
});
afterEach(async () => {
  await disconnect({ timeoutMs: 1_000 });
  vi.unstubAllEnvs();
});

const standby = () => {
  const [client] = servers.onStandbys;
  if (client === undefined) throw new Error("there is a standby");
  return client;
};
const pause = () => servers.standbys[0]?.pauseReplay();
const resume = () => servers.standbys[0]?.resumeReplay();

/** The one replica, as it is now. */
function replica(): ReplicaStats {
  const [only] = getPoolStats().replicas ?? [];
  if (only === undefined) throw new Error("there is a replica");
  return only;
}

/** The replica is there, and was measured. */
async function ready(): Promise<void> {
  forTenant(HARBOUR).onReplica();
  getDatabaseResources();
  await replicasAre(undefined);
}

const rename = async (address: string) =>
  await forTenant(HARBOUR).withPosition((db) =>
    db.update(developments).set({ address }).where(eq(developments.id, COOPERS_QUAY)),
  );
const addressOn = async (options?: ReplicaReadOptions) => {
  const rows = await forTenant(HARBOUR)
    .onReplica(options)
    .select({ address: developments.address, isStandby: sql<boolean>`pg_is_in_recovery()` })
    .from(developments)
    .where(eq(developments.id, COOPERS_QUAY));
  return rows[0];
};

/** Writes and reads so many times. @returns how many reads have missed the write in front of them. */
async function stalePairs(count: number, withToken: boolean): Promise<number> {
  let stale = 0;
  for (let pair = 0; pair < count; pair++) {
    const address = `${pair} ${Math.random()}`;
    const { position } = await rename(address);
    const seen = await addressOn(withToken ? { after: position } : {});
    if (seen?.address !== address) stale++;
  }
  return stale;
}

describe("a read after one's own write", () => {
  test("never misses it, however the replica lags, and without a token it does", async () => {
    await ready();
    const stop = stutter(standby());
    try {
      expect(await stalePairs(300, true)).toBe(0);
      expect(replica().reads).toBeGreaterThan(0);
      expect(replica().fallbacks.behind).toBeGreaterThan(0);
      expect(await stalePairs(60, false)).toBeGreaterThan(0);
    } finally {
      await stop();
    }
  });

  test("is the primary's while replay is paused", async () => {
    await ready();
    await pause();
    try {
      const { position } = await rename("Behind the pause");
      expect(await addressOn({ after: position })).toEqual({ address: "Behind the pause", isStandby: false });
      expect(await addressOn()).toMatchObject({ isStandby: true });
      expect(replica().fallbacks).toEqual({ behind: 1 });
    } finally {
      await resume();
    }
    const { position } = await rename("Replayed");
    await servers.standbys[0]?.catchUp();
    await waitFor(async () => (await addressOn({ after: position }))?.isStandby === true, {
      what: "the replica to serve what it has replayed",
    });
  });

  test("finds what a transaction, and each kind of batch, has written", async () => {
    await ready();
    const tenant = forTenant(HARBOUR);
    const update = (db: Pick<typeof tenant, "update">, address: string) =>
      db.update(developments).set({ address }).where(eq(developments.id, COOPERS_QUAY));
    const ways: Record<string, () => Promise<{ position: ReadToken | undefined }>> = {
      transaction: () =>
        tenant.withPosition((db) => db.transaction(async (tx) => void (await update(tx, "transaction")))),
      batch: () => tenant.withPosition((db) => db.batch([update(db, "batch")])),
      separate: () => tenant.withPosition((db) => db.batch([update(db, "separate")], { atomic: false })),
    };
    await pause();
    try {
      for (const [address, write] of Object.entries(ways)) {
        const { position } = await write();
        expect(await addressOn({ after: position })).toEqual({ address, isStandby: false });
      }
    } finally {
      await resume();
    }
  });

  test("takes a position from elsewhere, and refuses one that the primary has not come to", async () => {
    await ready();
    const { position } = await rename("Told");
    const { timeline, lsn } = position ?? ReadToken.PRIMARY;
    expect(String(position)).toBe(`${timeline}/${lsn}`);
    expect(readToken(String(position))).toEqual(position);
    expect(await addressOn({ after: new ReadToken(timeline - 1, lsn) })).toMatchObject({ isStandby: false });
    expect(await addressOn({ after: ReadToken.PRIMARY })).toMatchObject({ isStandby: false });
    const ahead = new ReadToken(timeline, "FFFFFFFF/0");
    await expect(addressOn({ after: ahead })).rejects.toMatchObject({ cause: { code: "READ_TOKEN" } });
    const otherLine = new ReadToken(timeline + 1, lsn);
    await expect(addressOn({ after: otherLine })).rejects.toMatchObject({ cause: { code: "READ_TOKEN" } });
  });

  test("has no position where nothing was written", async () => {
    await ready();
    const { result, position } = await forTenant(HARBOUR).withPosition((db) =>
      db.select().from(developments),
    );
    expect(result.length).toBeGreaterThan(0);
    expect(position).toBeUndefined();
  });
});

test("a standby takes the tenant's token that is made for its own backend, and another tenant's rows stay unseen", async () => {
  await ready();
  const rowsOf = async (tenant: string) =>
    await forTenant(tenant)
      .onReplica()
      .select({ tenantId: developments.tenantId, isStandby: sql<boolean>`pg_is_in_recovery()` })
      .from(developments);
  for (const tenant of [HARBOUR, NORTHGATE]) {
    const rows = await rowsOf(tenant);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toEqual({ tenantId: tenant, isStandby: true });
  }
});

test("the metrics tell of each replica what it has served, and of the rest why not", async () => {
  await ready();
  await addressOn();
  await addressOn({ after: ReadToken.PRIMARY });
  const families = (await databaseMetrics()).filter(({ name }) => name.startsWith("openhouse_replica_"));
  const replicaLabel = { replica: `${replica().host}:${replica().port}` };
  const byName = Object.fromEntries(families.map(({ name, samples }) => [name.slice(18), samples]));
  expect(byName).toMatchObject({
    serves: [{ labels: replicaLabel, value: 1 }],
    lag_seconds: [{ labels: replicaLabel }],
    reads_total: [{ labels: replicaLabel, value: 1 }],
  });
  expect(byName.fallbacks_total?.map(({ value }) => value)).toEqual(byName.fallbacks_total?.map(() => 0));
  const skipped = byName.skipped_total?.filter(({ value }) => value !== 0);
  expect(skipped).toMatchObject([{ labels: { reason: "timeline" }, value: 1 }]);
});

test("a batch, a relational query and a prepared one read from the replica", async () => {
  await ready();
  const db = forTenant(HARBOUR).onReplica();
  const [rows, [where]] = await db.batch([
    db.query.developments.findMany(),
    db.select({ isStandby: sql<boolean>`pg_is_in_recovery()` }).from(developments).limit(1),
  ]);
  expect(rows.length).toBeGreaterThan(0);
  expect(where).toEqual({ isStandby: true });
  const before = replica().reads;
  const search = { developmentId: COOPERS_QUAY, query: "heatng", limit: 3, offset: 0 };
  expect((await searchDocuments(db, search)).results.length).toBeGreaterThan(0);
  expect(replica().reads - before).toBe(3);
});

test("a write does not compile on a replica, and is refused before it is sent", async () => {
  await ready();
  const db = forTenant(HARBOUR).onReplica();
  // @ts-expect-error a replica's type has no writes
  const write = () => db.update(developments).set({ address: "Nowhere" });
  // @ts-expect-error nor inserts
  expect(db.insert).toBeTypeOf("function");
  // @ts-expect-error nor deletes
  expect(db.delete).toBeTypeOf("function");
  // @ts-expect-error nor raw statements
  expect(db.execute).toBeTypeOf("function");
  // @ts-expect-error nor transactions
  const transaction = () => db.transaction(async () => {});
  // @ts-expect-error nor writes behind WITH
  expect(db.with().update).toBeTypeOf("function");
  await expect(write()).rejects.toMatchObject({ cause: { code: "MISPLACED_STATEMENT" } });
  await expect(transaction()).rejects.toMatchObject({ code: "MISPLACED_STATEMENT" });
  expect(replica().fallbacks).toEqual({});
});

test("a read that writes is refused by the replica and by the primary, and takes no connection of either with it", async () => {
  await ready();
  await servers.onPrimary.query(`
    create or replace function moved() returns int language plpgsql as
      $$ begin update developments set address = 'Moved by a read'; return 1; end $$`);
  await standby().query("select pg_wal_replay_resume()");
  await servers.standbys[0]?.catchUp();
  const { pool } = getDatabaseResources();
  const retired = vi.fn();
  (pool as Pool).events.on("retired", retired);
  const destroyed = () => (pool as Pool).getTotals().destroyed;
  const before = destroyed();
  const read = forTenant(HARBOUR).onReplica().select({ moved: sql`moved()` }).from(developments);
  await expect(read).rejects.toMatchObject({
    cause: { code: "MISPLACED_STATEMENT", cause: { code: "25006" } },
  });
  expect(replica()).toMatchObject({ fallbacks: { read_only: 1 }, reads: 0 });
  expect(await addressOn()).toMatchObject({ isStandby: true });
  expect((await addressOn({ after: ReadToken.PRIMARY }))?.address).not.toBe("Moved by a read");
  expect(destroyed()).toEqual(before);
  expect(retired).not.toHaveBeenCalled();
});

describe("what a replica cannot serve, the primary does", () => {
  test("what a standby alone refuses (25006)", async () => {
    await ready();
    const rows = await forTenant(HARBOUR)
      .onReplica()
      .select({ isStandby: sql<boolean>`pg_is_in_recovery()`, own: sql`pg_current_xact_id()` })
      .from(developments)
      .limit(1);
    expect(rows).toMatchObject([{ isStandby: false }]);
    expect(replica().fallbacks).toEqual({ read_only: 1 });
  });

  test("a read that recovery has cancelled (40001), which is asked there once", async () => {
    await ready();
    const read = forTenant(HARBOUR)
      .onReplica()
      .select({ isStandby: sql<boolean>`pg_is_in_recovery()`, slept: sql`pg_sleep(0.7)` })
      .from(developments)
      .limit(1)
      .execute();
    const asleep = "select from pg_stat_activity where wait_event = 'PgSleep'";
    await waitFor(async () => (await standby().query(asleep)).rowCount === 1, { what: "the read to run" });
    await servers.onPrimary.query("begin; lock table developments in access exclusive mode; commit");
    expect(await read).toMatchObject([{ isStandby: false }]);
    expect(replica().fallbacks).toEqual({ conflict: 1 });
  });

  test("a division by zero of the caller's own is the caller's error", async () => {
    await ready();
    const { position } = await rename("Divided");
    const read = forTenant(HARBOUR)
      .onReplica({ after: position })
      .select({ value: sql`1 / (${developments.address} is null)::int` })
      .from(developments);
    await servers.standbys[0]?.catchUp();
    await expect(read).rejects.toMatchObject({ cause: { code: "22012" } });
    expect(replica().fallbacks.behind ?? 0).toBe(0);
  });

  test("reads of a replica that lags more than they allow", async () => {
    await ready();
    await pause();
    try {
      await rename("Lagging");
      await waitFor(() => (replica().lagMs ?? 0) > 100, { what: "the lag to be measured" });
      expect(await addressOn({ maxLagMs: 100 })).toEqual({ address: "Lagging", isStandby: false });
      expect(await addressOn({ maxLagMs: 60_000 })).toMatchObject({ isStandby: true });
    } finally {
      await resume();
    }
  });

  test("reads of a replica whose receiver is dead, though it has replayed all that it has received", async () => {
    await ready();
    await standby().query("alter system set primary_conninfo = ''");
    await standby().query("select pg_reload_conf()");
    try {
      await waitFor(() => replica().isStreaming === false, {
        timeoutMs: 10_000,
        what: "the receiver to end",
      });
      expect(replica().skipped).toBeUndefined(); // it still has all that there is
      await rename("Never received");
      await waitFor(() => replica().skipped === "receiver", { what: "it not to be asked" });
      expect(await addressOn()).toEqual({ address: "Never received", isStandby: false });
    } finally {
      await standby().query("alter system reset primary_conninfo");
      await standby().query("select pg_reload_conf()");
      await replicasAre(undefined);
    }
  });
});

test("the fallback takes a quarter of the primary's connections, and refuses what waits for it too long", async () => {
  vi.stubEnv("DB_POOL_MAX", "8");
  vi.stubEnv(
    "DATABASE_URL_REPLICAS",
    servers.replicaUrls.map((url) => url.replace(/:\d+\//, ":1/")).join(","),
  );
  const warn = vi.spyOn(log, "warn").mockImplementation(() => {});
  try {
    getDatabaseResources();
    await replicasAre("unreachable");
    const slow = () =>
      forTenant(HARBOUR)
        .onReplica()
        .select({ slept: sql`pg_sleep(1.6)` })
        .from(developments)
        .limit(1)
        .execute();
    const reads = Promise.allSettled([slow(), slow(), slow()]);
    const asleep = "select from pg_stat_activity where wait_event = 'PgSleep'";
    const onPrimary = async () => (await servers.onPrimary.query(asleep)).rowCount;
    await waitFor(async () => (await onPrimary()) === 2, { what: "a quarter to be used" });
    expect(await forTenant(HARBOUR).select().from(developments)).not.toEqual([]); // of the primary's own callers
    expect(await onPrimary()).toBe(2);
    const refused = (await reads).flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused).toMatchObject([{ cause: { code: "REPLICA_UNAVAILABLE" } }]);
    expect(warn.mock.calls.filter(([event]) => event === "db.replica.skipped")).toHaveLength(1);
  } finally {
    warn.mockRestore();
  }
});

test("each server has its own budget, and the lines of a pool name the server that it connects to", async () => {
  const warn = vi.spyOn(log, "warn").mockImplementation(() => {});
  const told = (event: string) =>
    warn.mock.calls.flatMap(([name, fields]) => (name === event ? [fields] : []));
  await servers.onPrimary.query("alter role openhouse_test_app connection limit 10");
  try {
    const limitOnStandby = "select rolconnlimit as is from pg_roles where rolname = 'openhouse_test_app'";
    const isLimited = async () => (await standby().query(limitOnStandby)).rows[0].is === 10;
    await waitFor(isLimited, { what: "the standby to have the role's limit" });
    vi.stubEnv("PGAPPNAME", "openhouse/portal@one");
    vi.stubEnv("DATABASE_URL_REPLICAS", `${servers.replicaUrls},${servers.appUrl.replace(/:\d+\//, ":1/")}`);
    getDatabaseResources();
    await healthCheck();
    await waitFor(() => told("db.pool.budget").length === 2, { what: "both to be told" });
    const onPrimary = { port: servers.primary.port, poolName: "@openhouse/db", needed: 21, limit: 10 };
    const port = servers.standbys[0]?.port;
    const onStandby = { port, poolName: "@openhouse/db replica 1", needed: 20, limit: 10 };
    expect(told("db.pool.budget")).toEqual(
      expect.arrayContaining([onPrimary, onStandby].map((each) => expect.objectContaining(each))),
    );
    await waitFor(() => told("db.pool.connect_failed").length > 0, { what: "the third to fail" });
    expect(told("db.pool.connect_failed")[0]).toMatchObject({
      kind: "connection_refused",
      port: 1,
      poolName: "@openhouse/db replica 2",
    });
  } finally {
    warn.mockRestore();
    await servers.onPrimary.query("alter role openhouse_test_app connection limit -1");
  }
});

test("without DATABASE_URL_REPLICAS reads go to the primary, and nobody asks for a position", async () => {
  vi.stubEnv("DATABASE_URL_REPLICAS", undefined);
  expect(await rename("Alone")).toMatchObject({ position: undefined });
  expect(await addressOn()).toEqual({ address: "Alone", isStandby: false });
  expect(getPoolStats().replicas).toBeUndefined();
});

test("a replica that was promoted is not asked any more, and a position of the old primary's line is the primary's", async () => {
  await ready();
  const { position } = await rename("Before the promotion");
  await servers.standbys[0]?.promote();
  await replicasAre("promoted");
  expect(replica()).toMatchObject({ role: "primary" });
  expect(await addressOn({ after: position })).toEqual({ address: "Before the promotion", isStandby: false });
  expect(await addressOn()).toMatchObject({ isStandby: false });
});
