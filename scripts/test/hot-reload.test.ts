import { setTimeout as sleep } from "node:timers/promises";
import { createTenantDatabase, type TenantDatabase } from "@openhouse/db/test-support/database";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ReloadingPortal, startReloadingPortal } from "./support/reloading-portal.ts";

// A portal under a real `next dev`, in which files are saved. All the while its backends are counted in
// pg_stat_activity: there are never more than the pool's max and the health probe's one.
//
// HOT_RELOAD_ROUNDS: how often each of the three files is saved.
const ROUNDS = Number(process.env.HOT_RELOAD_ROUNDS ?? 8);
const MAX = 5;
const SAMPLE_EVERY_MS = 20;
/** More requests than the pool has connections. Next bundles what pages import a second time. */
const PATHS = Array.from({ length: 9 }, (_, index) => (index % 3 === 0 ? "/hot-reload" : "/api/hot-reload"));
/** A busy machine compiles for long. */
const PATIENCE_MS = 60_000;
/** A save takes two and a half seconds on a quiet machine, and twice that beside other tests. */
const ROUND_PATIENCE_MS = 30_000;

/** The advisory lock that a request waits for while it keeps a connection. The test takes all but the first. */
const FREE = 0;
const CROWD = 1;
const HOLDER = 2;

let database: TenantDatabase;
let portal: ReloadingPortal;
let server: pg.Client;
let sampler: pg.Client;
let sampling: Promise<void>;
let sampled = false;
let peak = 0;

beforeAll(async () => {
  database = await createTenantDatabase();
  [server, sampler] = await Promise.all([connect(), connect()]);
  sampling = samplePeak();
  portal = await startReloadingPortal(database.appUrl, poolSettings(MAX));
  await untilAnswersTell("max", MAX);
}, 240_000);

afterAll(async () => {
  await portal?.stop();
  sampled = true;
  await sampling;
  await Promise.all([server?.end(), sampler?.end()]);
  await database?.drop();
}, 60_000);

beforeEach(({ onTestFailed }) => onTestFailed(() => console.log(portal.output())));

test(
  "however often the client, the module that makes the pool and a route are saved, there is one pool",
  async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      for (const file of ["client", "resources", "route"] as const) {
        peak = 0;
        await untilAnswersTell(file, portal.save(file));
        await useWholePool(MAX);
        expect(peak, `backends at a time, after save ${round} of ${file}`).toBeLessThanOrEqual(MAX + 1);
      }
    }
  },
  ROUNDS * ROUND_PATIENCE_MS,
);

test.each([
  ["root", MAX - 1],
  ["root", MAX + 1],
  ["portal", MAX - 1],
  ["portal", MAX + 1],
] as const)(
  "when the .env of the %s changes the max to %d, the new pool serves at once and the old one ends with its holder",
  async (where, max) => {
    let old: number[] = [];
    const { holder, answer } = await whileLocked(HOLDER, async () => {
      const answer = ask("/api/hot-reload", HOLDER);
      answer.catch(() => {}); // told below
      const holder = await waitFor(async () => (await waitingFor(HOLDER))[0], patiently("a holder"));
      old = await backends(server);
      peak = 0;
      portal.saveSettings(where, poolSettings(max));
      if (where === "root") portal.save("client"); // which has the settings read again; its own .env Next watches
      await untilAnswersTell("max", max);
      await useWholePool(max);
      await untilOldAre([holder]);
      expect(await waitingFor(HOLDER)).toEqual([holder]);
      expect(peak, "backends at a time").toBeLessThanOrEqual(old.length + max + 1);
      return { holder, answer };
    });
    expect((await answer).pid).toBe(holder);
    await untilOldAre([]);
    await useWholePool(max);

    function untilOldAre(pids: number[]): Promise<unknown> {
      const what = `the old pool's backends to be ${pids.length}, of ${old.length}`;
      const left = async () => (await backends(server)).filter((pid) => old.includes(pid));
      return waitFor(async () => String(await left()) === String(pids), patiently(what));
    }
  },
  120_000,
);

/** Idle connections are kept for ever: a pool left behind would not be seen once its connections had closed. */
function poolSettings(max: number): Record<string, number> {
  return {
    DB_POOL_MAX: max,
    DB_POOL_MIN: 2,
    DB_POOL_IDLE_MS: 0,
    DB_POOL_CONN_TIMEOUT_MS: 30_000,
    DB_QUERY_TIMEOUT_MS: 0,
  };
}

/** Sends requests until all that tell of `what` tell this number. */
async function untilAnswersTell(what: string, number: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const told = (await askAll(FREE)).flatMap((numbers) => numbers[what] ?? []);
    if (told.length > 0 && told.every((each) => each === number)) return;
    if (performance.now() > deadline)
      throw new Error(`${what} was to be ${number}, but answers tell ${told}`);
  }
}

/** Has requests keep every connection, and the rest of them wait in the pool's queue; counts the backends then. */
async function useWholePool(max: number): Promise<void> {
  const { asked } = await whileLocked(CROWD, async () => {
    const asked = askAll(CROWD);
    const queued = PATHS.length - max;
    const isFull = async () => {
      const held = (await waitingFor(CROWD)).length;
      return held > max || (held === max && (await ask("/api/health/db")).waitingCount === queued);
    };
    await Promise.race([asked, waitFor(isFull, patiently(`${queued} requests to be queued`))]);
    expect(await waitingFor(CROWD), "backends of the pool").toHaveLength(max);
    return { asked };
  });
  await asked;
}

function askAll(lock: number): Promise<Record<string, number>[]> {
  return Promise.all(PATHS.map((path) => ask(path, lock)));
}

/** @returns the numbers that the answer tells. */
async function ask(path: string, lock = FREE): Promise<Record<string, number>> {
  const response = await fetch(`${portal.url}${path}?lock=${lock}`, {
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${body.slice(0, 300)}`);
  const numbers = body.matchAll(/\b(\w+)"?[=:](\d+)\b/g);
  return Object.fromEntries([...numbers].map(([, name, digits]) => [name, Number(digits)]));
}

async function whileLocked<T>(lock: number, work: () => Promise<T>): Promise<T> {
  await server.query("select pg_advisory_lock($1)", [lock]);
  try {
    return await work();
  } finally {
    await server.query("select pg_advisory_unlock($1)", [lock]);
  }
}

async function waitingFor(lock: number): Promise<number[]> {
  const { rows } = await server.query<{ pid: number }>(
    `select pid from pg_locks join pg_database on pg_database.oid = database
      where datname = $1 and locktype = 'advisory' and objid = $2 and not granted order by pid`,
    [database.name, lock],
  );
  return rows.map(({ pid }) => pid);
}

/** The portal's: nobody else works in this database as its role. */
async function backends(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = $1 and usename = $2 order by pid",
    [database.name, new URL(database.appUrl).username],
  );
  return rows.map(({ pid }) => pid);
}

async function samplePeak(): Promise<void> {
  while (!sampled) {
    peak = Math.max(peak, (await backends(sampler)).length);
    await sleep(SAMPLE_EVERY_MS);
  }
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  return client;
}

function patiently(what: string) {
  return { timeoutMs: PATIENCE_MS, what };
}
