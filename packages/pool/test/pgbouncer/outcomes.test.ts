import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { CommitUnknownError } from "../../src/errors/errors.ts";
import { Pool } from "../../src/pool.ts";
import { poolHealth } from "../../src/pool-health.ts";
import { Client } from "../../src/query/client.ts";
import { settingsFor } from "../../src/query/local-settings.ts";
import { SingleClientPool } from "../../src/single-client/single-client-pool.ts";
import { type ConnectionSource, ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { useOwnServer } from "../faults/support/own-server.ts";
import { optionsFor } from "../support/options.ts";
import { startPgBouncer } from "../support/start-pgbouncer.ts";

const fixture = useOwnServer();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
beforeAll(async () => {
  const observer = await fixture.observer();
  await observer.query("create table kept (id int)");
});

async function behind(settings: Readonly<Record<string, string | number>>, options: PoolOptions = {}) {
  const server = optionsFor(fixture.server().url);
  const pooler = await startPgBouncer(server, { pool_mode: "transaction", ...settings });
  ends.push(() => pooler.stop());
  const pool = new Pool({ ...server, port: pooler.port, min: 0, max: 4, prepare: "off", ...options });
  ends.push(() => pool.end({ timeoutMs: 500 }));
  return { pooler, pool };
}

const SETTINGS = settingsFor({ "app.tenant_id": "1" });
const INSERT = "insert into kept values ($1)";
const WAYS: readonly (readonly [string, (pool: ConnectionSource, id: number) => Promise<unknown>])[] = [
  ["a statement", (pool, id) => pool.query(INSERT, [id])],
  ["a scoped statement", (pool, id) => new ScopedPool(() => pool, SETTINGS).query(INSERT, [id])],
  ["a transaction", (pool, id) => new ScopedPool(() => pool).transaction((tx) => tx.query(INSERT, [id]))],
  ["a batch", (pool, id) => new ScopedPool(() => pool).batch([{ text: INSERT, values: [id] }, "select 1"])],
];

test("an outage of the server behind PgBouncer is waited for: a write is told as kept once, or not, and is what it was told", async () => {
  const { pool } = await behind({ server_login_retry: 1 }, { connectionTimeoutMillis: 20_000 });
  await pool.query("truncate kept");
  const told: number[] = [];
  const failed: unknown[] = [];
  let last = 0;
  let isOver = false;
  const writers = [...WAYS, ...WAYS].map(async ([, write]) => {
    while (!isOver) {
      const id = ++last;
      await write(pool, id).then(
        () => told.push(id),
        async (error: unknown) => {
          failed.push(error);
          await sleep(10); // a writer that fails at once would leave no time for anything else
        },
      );
    }
  });
  await waitFor(() => told.length > 100, { what: "writes" });
  await fixture.server().kill();
  await waitFor(() => (pool.getTotals().connectErrors.connection_refused ?? 0) > 0, {
    what: "the pooler to say that its server is away",
    timeoutMs: 15_000,
  });
  const whileAway = failed.length;
  await sleep(500); // callers that were to fail would fail now
  expect(failed).toHaveLength(whileAway);
  await fixture.server().restart();
  const back = told.length;
  await waitFor(() => told.length > back + 100, { what: "writes", timeoutMs: 15_000 });
  isOver = true;
  await Promise.all(writers);
  // What was under way as the server died, one on each connection at most.
  expect(failed.length).toBeLessThanOrEqual(4);
  const { rows } = await pool.query("select id, count(*)::int as times from kept group by id");
  const times = new Map(rows.map(({ id, times }) => [id, times]));
  expect(told.filter((id) => times.get(id) !== 1)).toEqual([]);
  expect(rows.length - told.length).toBeLessThanOrEqual(failed.length);
}, 60_000);

test("a query_wait_timeout is waited out within the acquire deadline", async () => {
  const { pooler, pool } = await behind({ query_wait_timeout: 1 }, { connectionTimeoutMillis: 15_000 });
  await pool.query("truncate kept");
  await pooler.command("pause");
  const writes = WAYS.map(([, write], id) => write(pool, id));
  const isTold = () =>
    (pool.getTotals().destroyed.lost ?? 0) +
      (pool.getTotals().destroyed.error ?? 0) +
      (pool.getTotals().destroyed.requested ?? 0) >
    0;
  await waitFor(isTold, { what: "the pooler to end a client", timeoutMs: 10_000 });
  await pooler.command("resume");
  await Promise.all(writes);
  expect((await pool.query("select from kept")).rowCount).toBe(WAYS.length);
}, 40_000);

test("a pooler in session mode with fewer connections than max serves everybody", async () => {
  const { pool } = await behind(
    { pool_mode: "session", default_pool_size: 2 },
    { max: 8, queryTimeoutMs: 5_000, connectionTimeoutMillis: 15_000 },
  );
  await Promise.all(Array.from({ length: 20 }, () => pool.query("select pg_sleep(0.1)")));
}, 40_000);

test("health tells a paused pooler from a server that is gone", async () => {
  const { pooler, pool } = await behind({ server_login_retry: 1 });
  await pool.query("select 1");
  const check = async () => {
    const health = poolHealth(pool);
    const { error } = await health.check();
    await health.close();
    return error;
  };
  await pooler.command("pause");
  expect(await check()).toBe("pooler_waiting");
  await pooler.command("resume");
  await waitFor(async () => (await check()) === undefined, { what: "health", timeoutMs: 10_000 });
  await fixture.server().kill();
  await waitFor(async () => (await check()) === "connection_refused", { what: "health", timeoutMs: 15_000 });
  await fixture.server().restart();
}, 60_000);

describe("a commit that no synchronous standby has confirmed", () => {
  const direct = (options: PoolOptions = {}) => ({ ...optionsFor(fixture.server().url), min: 0, ...options });
  const sources: readonly (readonly [
    string,
    (options: PoolOptions) => ConnectionSource & { end(): Promise<void> },
  ])[] = [
    ["the pool", (options) => new Pool(direct(options))],
    ["the single client", (options) => new SingleClientPool(direct(options))],
  ];
  const WAITING = "select pid from pg_stat_activity where wait_event = 'SyncRep'";
  let observer: Client;
  const isWaiting = async () => (await observer.query(WAITING)).rowCount === 1;

  beforeAll(async () => {
    observer = new Client(optionsFor(fixture.server().url));
    await observer.connect();
    await observer.query("alter system set synchronous_standby_names = 'nobody'");
    await observer.query("select pg_reload_conf()");
    // The setting holds from the moment at which the checkpointer has read it: until then commits do not wait.
    const pool = new Pool(direct({ max: 1 }));
    const commits = async () => {
      const written = pool.query(INSERT, [0]).catch(() => {});
      const isWritten = Promise.race([written.then(() => true), sleep(100).then(() => false)]);
      return !(await isWritten);
    };
    await waitFor(commits, { what: "commits to wait" });
    await pool.end({ timeoutMs: 0 });
    await observer.query(`select pg_terminate_backend(pid) from (${WAITING}) as waiting`);
    await waitFor(async () => !(await isWaiting()), { what: "nobody to wait" });
  });
  afterAll(async () => {
    await observer.query("alter system reset synchronous_standby_names");
    await observer.query("select pg_reload_conf()");
    await observer.end();
  });

  for (const [what, make] of sources)
    for (const [way, write] of WAYS)
      test.each(["pg_cancel_backend", "pg_terminate_backend"])(
        `is in doubt: ${way} of ${what}, after %s`,
        async (end) => {
          const pool = make({ max: 1, queryTimeoutMs: 0 });
          ends.push(() => pool.end());
          const written = write(pool, 1).catch((error: unknown) => error);
          await waitFor(isWaiting, { what: "the commit to wait" });
          await observer.query(`select ${end}(pid) from (${WAITING}) as waiting`);
          const told = await written;
          // An unscoped statement that was cut off is told as every other one is.
          if (way === "a statement" && end === "pg_terminate_backend") expect(told).toBeInstanceOf(Error);
          else expect(told).toBeInstanceOf(CommitUnknownError);
        },
      );
});
