import { AsyncLocalStorage } from "node:async_hooks";
import { Socket } from "node:net";
import { inspect } from "node:util";
import vm from "node:vm";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import Cursor from "pg-cursor";
import { describe, expect, test, vi } from "vitest";
import { classifyError } from "../src/errors/classify.ts";
import {
  AcquireTimeoutError,
  PoolClosedError,
  PoolSaturatedError,
  TooManyParametersError,
} from "../src/errors/errors.ts";
import type { Pool } from "../src/pool.ts";
import { backendPid, settled, useDatabase } from "./support/pools.ts";

const database = useDatabase();

test("is a pg.Pool, in promise and callback form", async () => {
  const pool = database.pool();
  expect(pool).toBeInstanceOf(pg.Pool);
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  const rows = await new Promise((resolve, reject) => {
    pool.query("select $1::int as two", [2], (error, result) =>
      error ? reject(error) : resolve(result.rows),
    );
  });
  expect(rows).toEqual([{ two: 2 }]);
  const pid = await new Promise((resolve, reject) => {
    pool.connect((error, client, done) => {
      if (client === undefined) return reject(error);
      client
        .query("select 3 as three")
        .then(({ rows }) => resolve(rows[0].three), reject)
        .finally(() => done());
    });
  });
  expect(pid).toBe(3);
});

describe("a statement that fails", () => {
  test("keeps its connection: 100 violations, one backend", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query("create table if not exists taken (id int primary key)");
    await pool.query("insert into taken values (1) on conflict do nothing");
    const before = await backendPid(pool);
    for (let i = 0; i < 100; i++) {
      await expect(pool.query("insert into taken values (1)")).rejects.toMatchObject({ code: "23505" });
    }
    expect(await backendPid(pool)).toBe(before);
  });

  test("with more parameters than the protocol counts is its caller's mistake, and is not sent", async () => {
    const pool = database.pool({ max: 1 });
    const pid = await backendPid(pool);
    const error = await pool.query("select 1", new Array(65_536).fill(1)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TooManyParametersError);
    expect(classifyError(error)).toMatchObject({ kind: "data", unavailable: false });
    expect(await backendPid(pool)).toBe(pid);
    const client = await pool.connect();
    const read = client.query(new Cursor("select 1", new Array(65_536).fill(1))).read(1);
    await expect(read).rejects.toBeInstanceOf(TooManyParametersError);
    client.release();
    const byServer = { code: "08P01", message: expect.stringContaining("supplies 65535 parameters") };
    await expect(pool.query("select 1", new Array(65_535).fill(1))).rejects.toMatchObject(byServer);
  });

  test("loses its connection when the session is over", async () => {
    const pool = database.pool({ max: 1 });
    const before = await backendPid(pool);
    await expect(pool.query("select pg_terminate_backend(pg_backend_pid())")).rejects.toMatchObject({
      code: "57P01",
    });
    expect(await backendPid(pool)).not.toBe(before);
  });

  test("shows no row value in a dump, and still tells it to code that asks", async () => {
    const pool = database.pool();
    await pool.query("create table if not exists secrets (email text primary key)");
    await pool.query("insert into secrets values ('ann@example.test') on conflict do nothing");
    const error = await pool
      .query("insert into secrets values ('ann@example.test')")
      .catch((caught) => caught);
    expect(inspect(error)).not.toContain("ann@example.test");
    expect(JSON.stringify(error)).not.toContain("ann@example.test");
    expect(error.detail).toContain("ann@example.test");

    const invalid = await pool.query("select $1::int", ["4111-1111"]).catch((caught) => caught);
    expect(inspect(invalid)).not.toContain("4111-1111");
    expect(invalid.message).toContain("invalid input syntax");
  });
});

describe("connecting", () => {
  test("is tried again where it failed with an error of another realm, as of a test runner's vm", async () => {
    const { host = "", port = 0 } = database.options();
    let tries = 0;
    class Refused extends Socket {
      override connect(): this {
        if (++tries > 2) return super.connect(port, host);
        const foreign = vm.runInNewContext("new Error('connect ECONNREFUSED 127.0.0.1:1')");
        setImmediate(() =>
          this.destroy(Object.assign(foreign, { code: "ECONNREFUSED", syscall: "connect" })),
        );
        return this;
      }
    }
    const pool = database.pool({ max: 1, stream: () => new Refused() });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    expect(tries).toBe(3);
  });

  test("without TLS is not touched by PGSSLNEGOTIATION", async () => {
    vi.stubEnv("PGSSLNEGOTIATION", "direct");
    try {
      const pool = database.pool({ max: 1, ssl: false });
      expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("a backend that dies", () => {
  test("while its client is idle, takes nothing with it", async () => {
    const pool = database.pool({ max: 1 });
    const observer = await database.observer();
    const pid = await backendPid(pool);
    await observer.query("select pg_terminate_backend($1)", [pid]);
    await waitFor(() => pool.totalCount === 0, { what: "the dead connection to leave the pool" });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });

  test("while its client is checked out, fails the holder's next statement and nobody else's", async () => {
    const pool = database.pool({ max: 1 });
    const observer = await database.observer();
    const client = await pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    await observer.query("select pg_terminate_backend($1)", [await backendPid(client)]);
    await ended;
    await expect(client.query("select 1")).rejects.toThrow(/not queryable|terminated/);
    client.release();
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});

describe("a connection that comes back", () => {
  test("inside a transaction is destroyed, and its work with it", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query("create table if not exists half_done (id int)");
    const client = await pool.connect();
    await client.query("begin");
    await client.query("insert into half_done values (1)");
    const pid = await backendPid(client);
    client.release();
    expect(await backendPid(pool)).not.toBe(pid);
    expect((await pool.query("select count(*)::int as n from half_done")).rows).toEqual([{ n: 0 }]);
  });

  test("with a statement under way is destroyed", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    const pid = await backendPid(client);
    client.query("select pg_sleep(1)").catch(() => {});
    client.release();
    expect(await backendPid(pool)).not.toBe(pid);
  });

  test("twice is refused", async () => {
    const client = await database.pool().connect();
    client.release();
    expect(() => client.release()).toThrow(/already been released/);
  });
});

describe("an idle connection", () => {
  test("is checked out by acquire before it returns, by connect a moment later, as in pg.Pool", async () => {
    const pool = database.pool({ max: 2, min: 2 });
    await pool.warmUp();
    // After a while without anything to do the event loop is given a turn first: here no time passes.
    vi.spyOn(performance, "now").mockReturnValue(performance.now());
    vi.spyOn(Date, "now").mockReturnValue(Date.now());
    (await pool.acquire()).release();
    const first = pool.acquire();
    expect(pool.getStats()).toMatchObject({ idleCount: 1, waitingCount: 0 });
    const second = pool.connect();
    expect(pool.getStats()).toMatchObject({ idleCount: 1, waitingCount: 1 });
    vi.restoreAllMocks();
    for (const client of await Promise.all([first, second])) client.release();
  });

  test("goes to the one who has asked first", async () => {
    const pool = database.pool({ max: 1 });
    await pool.query("select 1");
    const order: string[] = [];
    const note = (name: string) => (client: { release(): void }) => {
      order.push(name);
      client.release();
    };
    await Promise.all([pool.connect().then(note("first")), pool.acquire().then(note("second"))]);
    expect(order).toEqual(["first", "second"]);
  });

  test("is the holder's alone: a listener that asks meanwhile asks for itself", async () => {
    const pool = database.pool({ max: 2, min: 2 });
    await pool.warmUp();
    let others: Promise<pg.PoolClient> | undefined;
    pool.once("acquire", () => {
      others = pool.connect();
    });
    const client = await pool.acquire();
    const raw = await others;
    await raw?.query("set search_path to pg_catalog");
    raw?.release();
    client.release();
    await waitFor(() => pool.idleCount === 2, { what: "both to be back" });
    const paths = await Promise.all(
      [1, 2].map(() => pool.query("select pg_sleep(0.05), current_setting('search_path') as path")),
    );
    expect(paths.map(({ rows }) => rows[0].path)).not.toContain("pg_catalog");
  });
});

describe("a callback runs in the async context of the code that passed it", () => {
  const storage = new AsyncLocalStorage<string>();

  test.each<[string, (pool: Pool, done: () => void) => unknown]>([
    ["pool.query", (pool, done) => pool.query("select 1", () => done())],
    [
      "pool.connect",
      (pool, done) =>
        pool.connect((_error, _client, release) => {
          release();
          done();
        }),
    ],
  ])("%s", async (_what, ask) => {
    const pool = database.pool({ max: 1 });
    await storage.run("whoever opened the socket", () => pool.query("select 1"));
    const holder = await storage.run("the holder", () => pool.connect());
    const seen = new Promise((resolve) =>
      storage.run("the caller", () => ask(pool, () => resolve(storage.getStore()))),
    );
    storage.run("the holder", () => holder.release());
    expect(await seen).toBe("the caller");
  });

  test.each<[string, (client: pg.PoolClient, done: () => void) => unknown]>([
    ["client.query", (client, done) => client.query("select 1", () => done())],
    ["client.query with parameters", (client, done) => client.query("select $1::int", [1], () => done())],
    ["a cursor's read", (client, done) => client.query(new Cursor("select 1")).read(1, () => done())],
  ])("%s", async (_what, ask) => {
    const pool = database.pool({ max: 1 });
    await storage.run("whoever opened the socket", () => pool.query("select 1"));
    const seen = storage.run("the caller", async () => {
      const client = await pool.connect();
      const context = await new Promise((resolve) => ask(client, () => resolve(storage.getStore())));
      client.release(true);
      return context;
    });
    expect(await seen).toBe("the caller");
  });
});

describe("waiting", () => {
  test("ends at the deadline with an error that tells how busy the pool is", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    const error = await pool.acquire({ timeoutMs: 50 }).catch((caught) => caught);
    expect(error).toBeInstanceOf(AcquireTimeoutError);
    expect(error).toMatchObject({ code: "POOL_ACQUIRE_TIMEOUT" });
    expect(error.message).toContain("1 of 1 in use");
    client.release();
  });

  test("for a connection that is being opened is no use of one, and the error says that connecting has not succeeded", async () => {
    const { pool, proxy } = await database.proxied({ max: 2 });
    proxy.pause();
    const waiting = pool.acquire({ timeoutMs: 100 }).catch((caught) => caught);
    await waitFor(() => pool.getStats().connectingCount === 1, { what: "a connect" });
    expect(pool.getStats()).toMatchObject({ totalCount: 1, usedCount: 0 });
    expect((await waiting).message).toMatch(
      /: 0 of 2 in use, 1 being opened.*; connecting has not succeeded yet$/,
    );
  });

  test("is refused at once when the queue is full", async () => {
    const pool = database.pool({ max: 1, maxWaiting: 1 });
    const client = await pool.connect();
    const waiting = pool.query("select 1");
    await waitFor(() => pool.waitingCount === 1, { what: "one waiter" });
    await expect(pool.connect()).rejects.toBeInstanceOf(PoolSaturatedError);
    client.release();
    await waiting;
  });
});

describe("end", () => {
  test("serves those who hold and those who wait, refuses newcomers, and closes the sockets", async () => {
    const pool = database.pool({ max: 1 });
    const observer = await database.observer();
    const client = await pool.connect();
    const pid = await backendPid(client);
    const queued = pool.query("select 'served' as outcome");
    const ended = pool.end();
    await expect(pool.query("select 1")).rejects.toBeInstanceOf(PoolClosedError);
    client.release();
    expect((await queued).rows).toEqual([{ outcome: "served" }]);
    await ended;
    const { rows } = await observer.query("select count(*)::int as n from pg_stat_activity where pid = $1", [
      pid,
    ]);
    await waitFor(() => rows[0].n === 0, { what: "the backend to be gone" });
  });

  test("does not wait for ever: at the deadline waiters are rejected and connections cut", async () => {
    const pool = database.pool({ max: 1 });
    const client = await pool.connect();
    const running = client.query("select pg_sleep(1)").catch((error) => error);
    const queued = pool.query("select 1").catch((error) => error);
    await pool.end({ timeoutMs: 50 });
    expect(await queued).toBeInstanceOf(PoolClosedError);
    expect(await running).toBeInstanceOf(Error);
    expect(pool.totalCount).toBe(0);
  });

  test("may be called again: all callers get the same promise", async () => {
    const pool = database.pool();
    await pool.query("select 1");
    expect(pool.end()).toBe(pool.end());
    await pool.end();
  });
});

describe("the minimum", () => {
  test("is opened by warmUp and replaced when one is lost", async () => {
    const pool = database.pool({ max: 4, min: 2 });
    const observer = await database.observer();
    await pool.warmUp();
    await settled(pool);
    expect(pool.getStats()).toMatchObject({ totalCount: 2, idleCount: 2, usedCount: 0, max: 4, min: 2 });
    const lost = await backendPid(pool);
    await observer.query("select pg_terminate_backend($1)", [lost]);
    const others =
      "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    await waitFor(
      async () => {
        const { rows } = await observer.query<{ pid: number }>(others);
        return rows.length === 2 && rows.every(({ pid }) => pid !== lost) && pool.idleCount === 2;
      },
      { what: "its replacement" },
    );
  });
});

test("shows no secret in a dump: pool, client, options", async () => {
  const pool = database.pool();
  const client = await pool.connect();
  const { password } = database.options();
  const cancelSecret: unknown = Reflect.get(client, "secretKey");
  client.release();
  expect(String(password).length).toBeGreaterThan(5);
  for (const subject of [pool, client, pool.options, { pool, client }]) {
    for (const dump of [inspect(subject, { depth: 10 }), JSON.stringify(subject)]) {
      expect(dump).not.toContain(password);
      expect(dump).not.toContain(String(cancelSecret));
    }
  }
});

test("a connection that is being reset while all are replaced keeps nobody waiting until it is late", async () => {
  const { pool, proxy } = await database.proxied();
  proxy.setDelayMs(150);
  const client = await pool.connect(); // in the best part of a second, after which a reset is late from now on
  proxy.setDelayMs(0);
  await client.query("listen something");
  proxy.pause();
  client.release();
  pool.drain();
  const next = pool.acquire();
  await waitFor(() => pool.getStats().connectingCount === 1, {
    timeoutMs: 500,
    what: "another one to be opened",
  });
  proxy.resume();
  (await next).release();
});
