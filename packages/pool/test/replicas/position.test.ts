import { waitFor } from "@openhouse/pool-testing";
import { eq } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { afterEach, beforeAll, expect, test } from "vitest";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { settingsFor } from "../../src/query/local-settings.ts";
import { bytesOf, POSITION_TEXT, ReadToken } from "../../src/query/read-token.ts";
import { PRIMARY_STATE, REPLICA_STATE } from "../../src/replicas/lag.ts";
import { ReplicaReads } from "../../src/replicas/replica-reads.ts";
import { ReplicaSet } from "../../src/replicas/replica-set.ts";
import { SessionEffects } from "../../src/sql/session-effect.ts";
import { optionsFor } from "../support/options.ts";
import { useDatabase } from "../support/pools.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";

const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const database = useDatabase();
const ACME = { "app.tenant_id": "acme" };
let proxy: RecordingProxy | undefined;

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
  await database.pool().query("insert into notes values (1, 'first')");
});
afterEach(() => proxy?.close());

/** One connection that is listened to, and what its writes tell. */
async function listened() {
  const { host = "", port = 0 } = optionsFor(database.url());
  const recorder = await startRecordingProxy({ host, port });
  proxy = recorder;
  const pool = database.pool({ max: 1, host: "127.0.0.1", port: recorder.port });
  await pool.warmUp();
  (await pool.acquire()).release();
  const positions: ReadToken[] = [];
  const onPosition = (token: ReadToken) => positions.push(token);
  const { scoped } = drizzleOverPool(() => pool, { notes });
  const trips = async (work: () => PromiseLike<unknown>) => {
    recorder.take();
    await work();
    await waitFor(() => /Ready\(.\)$/.test(recorder.last), { what: "the server to be ready" });
    return recorder.take().filter((line) => line.startsWith(">")).length;
  };
  return { pool, positions, plain: scoped(ACME), telling: scoped(ACME, { onPosition }), trips };
}

test("the position behind a write, or a commit, comes in its own round trip", async () => {
  const { plain, telling, positions, trips } = await listened();
  type Handle = typeof plain;
  const write = (db: Pick<Handle, "update">) =>
    db.update(notes).set({ body: "second" }).where(eq(notes.id, 1)).execute();
  const ways: Record<string, (db: Handle) => Promise<unknown>> = {
    "a statement": write,
    "a transaction": (db) => db.transaction((tx) => write(tx)),
    "a separate batch": (db) => db.batch([db.update(notes).set({ body: "third" })], { atomic: false }),
  };
  for (const [what, run] of Object.entries(ways)) {
    const before = positions.length;
    expect(await trips(() => run(telling)), what).toBe(await trips(() => run(plain)));
    expect(positions.length - before, what).toBe(1);
  }
  const lsns = positions.map(({ lsn }) => bytesOf(lsn));
  expect(lsns.every((lsn, index) => index === 0 || lsn > (lsns[index - 1] ?? 0n))).toBe(true);
});

test("no statement of ours makes a session be reset", () => {
  const effects = new SessionEffects();
  for (const text of [POSITION_TEXT, PRIMARY_STATE, REPLICA_STATE])
    expect(effects.leavesNothing(text)).toBe(true);
});

test("a batch in one transaction takes one round trip more, and a read none and has no position", async () => {
  const { plain, telling, positions, trips } = await listened();
  const batch = (db: typeof plain) => db.batch([db.update(notes).set({ body: "fourth" })]);
  expect(await trips(() => batch(telling))).toBe((await trips(() => batch(plain))) + 1);
  expect(positions).toHaveLength(1);
  expect(await trips(() => telling.select().from(notes))).toBe(1);
  expect(await trips(() => telling.batch([telling.select().from(notes)]))).toBe(1);
  expect(positions).toHaveLength(1);
});

test("a write that has failed, or was rolled back, has no position, and its error is its own", async () => {
  const { telling, positions } = await listened();
  const insert = () => telling.insert(notes).values({ id: 1, body: "again" });
  await expect(insert()).rejects.toMatchObject({ cause: { code: "23505" } });
  await expect(telling.transaction(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(positions).toEqual([]);
});

test("a write whose prepared statement is stale goes again, as without a position", async () => {
  const { telling, positions, pool } = await listened();
  const write = () => telling.update(notes).set({ body: "fifth" }).where(eq(notes.id, 1)).returning();
  for (let time = 0; time < 3; time++) await write();
  await database.pool().query("alter table notes alter body type varchar");
  expect(await write()).toEqual([{ id: 1, body: "fifth" }]);
  expect(positions).toHaveLength(4);
  expect(pool.getStats()).toMatchObject({ totalCount: 1 });
});

/** What a standby is to a set; here it is the primary, whose log is never behind itself. */
function standIn(state: { used: number }) {
  const pool = Object.assign(
    {
      acquire: () => Promise.reject(new Error("not measured by itself")),
      query: () => Promise.reject(new Error("not asked")),
      wantsCallSites: false,
    },
    { getStats: () => ({ usedCount: state.used, waitingCount: 0, max: 10 }) },
  );
  return { host: "127.0.0.1", port: 1, pool };
}

const TOKEN = new ReadToken(1, "0/100");

/** A set of replicas that were measured to be at these positions. */
async function measuredAt(...positions: bigint[]) {
  const loads = positions.map(() => ({ used: 0 }));
  const replicas = loads.map((load) => standIn(load));
  const source = standIn({ used: 0 }).pool;
  const set = new ReplicaSet({ replicas, primary: source, fallback: source, measureEveryMs: 2_000_000_000 });
  await set.measure();
  set.notePosition(TOKEN);
  for (const [index, replica] of set.replicas.entries()) {
    replica.isUnreachable = false;
    const known = { isStandby: true, timeline: 1, lagMs: 0, isStreaming: true };
    replica.measured = { atMs: performance.now(), bytes: positions[index] ?? 0n, ...known };
  }
  set.close();
  return { set, loads };
}

test("a replica that was behind is spared reads with a position, and no others", async () => {
  const { set } = await measuredAt(0n);
  const { replica } = set.choose({ after: TOKEN });
  if (replica === undefined) throw new Error("it is asked");
  set.noteFallback(replica, "behind");
  expect(set.choose({ after: TOKEN })).toMatchObject({ replica: undefined, reason: "resting" });
  expect(set.choose({}).replica).toBe(replica);
  replica.spareTokensUntilMs = performance.now();
  expect(set.choose({ after: TOKEN }).replica).toBe(replica);
  set.noteFallback(replica, "lost");
  expect(set.choose({})).toMatchObject({ replica: undefined, reason: "resting" });
});

test("the replica that is known to have a position comes first, then the least busy one, and all take turns", async () => {
  const { set, loads } = await measuredAt(0x100n, 0xffn, 0x100n);
  const [first, behind, third] = set.replicas;
  const chosen = (after?: ReadToken) =>
    new Set(Array.from({ length: 6 }, () => set.choose({ after }).replica));
  expect(chosen()).toEqual(new Set([first, behind, third]));
  expect(chosen(TOKEN)).toEqual(new Set([first, third]));
  for (const [index, used] of [3, 0, 1].entries()) Object.assign(loads[index] ?? {}, { used });
  expect(chosen(TOKEN)).toEqual(new Set([third]));
  expect(chosen()).toEqual(new Set([behind]));
});

test("a read with a position has one text for all of them, and costs no round trip of its own", async () => {
  const { pool, trips } = await listened();
  const { set } = await measuredAt(0x100n);
  for (const replica of set.replicas) Object.assign(replica.options, { pool });
  const after = (lsn: string) =>
    new ReplicaReads({
      replicas: () => set,
      primary: () => pool,
      settings: settingsFor(ACME),
      options: { after: new ReadToken(1, lsn) },
    });
  for (const lsn of ["0/1", "0/2", "0/3"])
    expect(await trips(() => after(lsn).query("select 1 as one"))).toBe(1);
  const { rows } = await pool.query(
    "select count(*)::int as n from pg_prepared_statements where statement like '%pg_last_wal_replay_lsn%'",
  );
  expect(rows).toEqual([{ n: 1 }]);
});
