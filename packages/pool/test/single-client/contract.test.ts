import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import pg from "pg";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { drizzleOverPool } from "../../src/drizzle/database.ts";
import { classifyError } from "../../src/errors/classify.ts";
import {
  AcquireTimeoutError,
  CommitUnknownError,
  NestedAcquireError,
  PoolClosedError,
  PoolConfigError,
  PoolSaturatedError,
  TransactionAbortedError,
} from "../../src/errors/errors.ts";
import { type RunningCode, SingleClientPool } from "../../src/single-client/single-client-pool.ts";
import { keepLines } from "../support/log-lines.ts";
import { backendPid, useDatabase } from "../support/pools.ts";

// Each test is a row of docs/SINGLE_CLIENT.md, or of what packages/db/test/single-client.test.ts shows: see the last one.
const notes = pgTable("notes", { id: integer().primaryKey(), body: text().notNull() });
const schema = { notes };
const database = useDatabase();
const caught = (error: unknown) => error;
const TENANT = "select nullif(current_setting('app.tenant_id', true), '') as tenant";
const as = (tenant: string) => ({ "app.tenant_id": tenant });

beforeAll(async () => {
  await database.pool().query("create table notes (id int primary key, body text not null)");
});
beforeEach(async () => {
  await database.pool().query("truncate notes");
});

function single(options: PoolOptions = {}, runningCode?: RunningCode) {
  const pool = database.keep(new SingleClientPool({ ...database.options(), ...options }, runningCode));
  return { pool, ...drizzleOverPool(() => pool, schema) };
}

/** Over a network that can be broken. */
async function proxied(options: PoolOptions = {}) {
  const { proxy } = await database.proxied();
  return { proxy, ...single({ host: "127.0.0.1", port: proxy.port, ...options }) };
}

/** Statements that other clients have under way on the server. */
async function running(): Promise<string[]> {
  const { rows } = await (await database.observer()).query<{ query: string }>(
    "select query from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid()",
  );
  return rows.map(({ query }) => query);
}

async function terminate(pid: number): Promise<void> {
  await (await database.observer()).query("select pg_terminate_backend($1)", [pid]);
}

async function keptNotes(): Promise<string[]> {
  const { rows } = await (await database.observer()).query<{ body: string }>("select body from notes");
  return rows.map(({ body }) => body);
}

const works = async (pool: SingleClientPool) =>
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);

test("one connection serves everybody, one after the other, in the order they came", async () => {
  const { pool } = single();
  const order: number[] = [];
  const pids = await Promise.all(
    Array.from({ length: 20 }, async (_, turn) => {
      const pid = await backendPid(pool);
      order.push(turn);
      return pid;
    }),
  );
  expect(new Set(pids).size).toBe(1);
  expect(order).toEqual([...order.keys()]);
  expect(pool.getStats()).toMatchObject({
    totalCount: 1,
    idleCount: 1,
    waitingCount: 0,
    usedCount: 0,
    max: 1,
  });
});

test("a transaction has the client for itself", async () => {
  const { pool, db } = single();
  let outside: Promise<unknown> | undefined;
  const transaction = db.transaction(async (tx) => {
    await tx.insert(notes).values({ id: 1, body: "inside" });
    outside = pool.query("insert into notes values (2, 'outside')");
    expect(pool.waitingCount).toBe(1);
    throw new Error("rolled back");
  });
  await expect(transaction).rejects.toThrow("rolled back");
  await outside;
  expect(await keptNotes()).toEqual(["outside"]);
});

test("a scoped statement is BEGIN, the scope, the statement, COMMIT", async () => {
  const { pool, scoped } = single();
  await works(pool);
  const client = await pool.connect();
  const query = vi.spyOn(client, "query");
  client.release(false);
  await waitFor(() => pool.idleCount === 1, { what: "the client to be idle" });
  query.mockClear();
  const { rows } = await scoped(as("acme")).execute(sql.raw(TENANT));
  expect(rows).toEqual([{ tenant: "acme" }]);
  const sent = query.mock.calls.map(([statement]: unknown[]) =>
    typeof statement === "string" ? statement : Reflect.get(Object(statement), "text"),
  );
  expect(sent).toEqual([
    "begin",
    "select 1 where (pg_catalog.set_config($1, $2, true)) is null",
    TENANT,
    "commit",
  ]);
});

test("a batch is a transaction, one statement after the other; with `atomic: false` each is sent by itself", async () => {
  const { db } = single();
  const both = [
    db.insert(notes).values({ id: 1, body: "first" }),
    db.select({ pid: sql<number>`pg_backend_pid()`, at: sql`now()` }).from(notes),
    db.insert(notes).values({ id: 2, body: "second" }).returning({ at: sql`now()` }),
  ] as const;
  const [, [selected], [inserted]] = await db.batch(both);
  expect(inserted?.at).toEqual(selected?.at);
  await expect(db.batch([db.delete(notes), ...both, both[0]])).rejects.toMatchObject({
    code: "BATCH",
    index: 4,
  });
  expect(await db.$count(notes)).toBe(2);
});

test("a scope ends with its statement or transaction, also where that fails", async () => {
  const { pool, scoped } = single();
  const acme = scoped(as("acme"));
  await acme.transaction((tx) => tx.execute(sql.raw(TENANT)));
  await expect(acme.execute(sql`select 1 / 0`)).rejects.toThrow();
  await expect(acme.transaction((tx) => tx.execute(sql`select 1 / 0`))).rejects.toThrow();
  expect((await pool.query(TENANT)).rows).toEqual([{ tenant: null }]);
});

test("COMMIT that is answered with ROLLBACK is an error", async () => {
  const { pool, scoped } = single();
  const swallowed = scoped(as("acme")).transaction(async (tx) => {
    await tx.insert(notes).values({ id: 1, body: "lost" });
    await tx.execute(sql`select 1 / 0`).catch(() => {});
  });
  await expect(swallowed).rejects.toBeInstanceOf(TransactionAbortedError);
  expect(await keptNotes()).toEqual([]);
  await works(pool);
});

test("a connection lost at COMMIT leaves the outcome unknown, and says so", async () => {
  const { pool, proxy, scoped } = await proxied();
  await works(pool);
  proxy.cutAfter("commit");
  const insert = scoped(as("acme")).insert(notes).values({ id: 1, body: "kept, perhaps" });
  await expect(insert).rejects.toMatchObject({ cause: expect.any(CommitUnknownError) });
  await works(pool);
});

test("a lost connection fails its holder, by kind, and the next caller gets a new one", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const pid = await backendPid(client);
  const waiting = backendPid(pool);
  const statement = client.query("select pg_sleep(30)").catch(caught);
  await terminate(pid);
  expect(classifyError(await statement)).toMatchObject({ kind: "shutting_down", unavailable: true });
  expect(classifyError(await client.query("select 1").catch(caught)).kind).toBe("connection_lost");
  client.release();
  expect(await waiting).not.toBe(pid);
});

test("a connection lost while idle is replaced", async () => {
  const { pool } = single();
  await terminate(await backendPid(pool));
  await waitFor(() => pool.totalCount === 0, { what: "the loss to be noticed" });
  await works(pool);
});

test("connecting has a bound", async () => {
  const { pool, proxy } = await proxied({ connectionTimeoutMillis: 1_000 });
  proxy.pause();
  const error = await pool.acquire({ timeoutMs: 20_000 }).catch(caught);
  expect(classifyError(error)).toMatchObject({ kind: "timeout", retry: "not_sent" });
  expect(error).not.toBeInstanceOf(AcquireTimeoutError);
  expect(pool.getStats()).toMatchObject({ totalCount: 0, connectingCount: 0 });
  proxy.resume();
  await works(pool);
});

test("the connect hook is within that bound, also when it runs again after a reset", async () => {
  let calls = 0;
  const hangsAt = [1, 3];
  const onConnect = async () => {
    if (hangsAt.includes(++calls)) await new Promise(() => {});
  };
  const { pool } = single({ connectionTimeoutMillis: 1_000, onConnect });
  const error = await pool.acquire({ timeoutMs: 20_000 }).catch(caught);
  expect(classifyError(error)).toMatchObject({ kind: "timeout", retry: "not_sent" });
  const client = await pool.acquire({ timeoutMs: 20_000 });
  const pid = await backendPid(client);
  await client.query("listen news");
  client.release();
  const next = await pool.acquire({ timeoutMs: 20_000 });
  expect(await backendPid(next)).not.toBe(pid);
  next.release();
  expect(calls).toBe(4);
});

test("the connect hook has the last word on a connection", async () => {
  const { pool } = single({ onConnect: () => Promise.reject(new Error("not this one")) });
  await expect(pool.query("select 1")).rejects.toThrow("not this one");
  expect(pool.totalCount).toBe(0);
});

test("a listener that throws fails its caller, and holds nothing up", async () => {
  const { pool } = single();
  for (const event of ["connect", "acquire"]) {
    pool.once(event, () => {
      throw new Error("a bug");
    });
    await expect(pool.query("select 1")).rejects.toThrow("a bug");
  }
  await works(pool);
});

test("waiting ends at the deadline, and the error names the holder", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const error = await pool.acquire({ timeoutMs: 50 }).catch(caught);
  expect(error).toBeInstanceOf(AcquireTimeoutError);
  expect(String(error)).toMatch(/held for \d+ ms at .*contract\.test\.ts/);
  expect(pool.waitingCount).toBe(0);
  client.release();
  await works(pool);
});

test("waiting ends with the caller's signal", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const controller = new AbortController();
  const waiting = pool.acquire({ signal: controller.signal }).catch(caught);
  controller.abort(new Error("left"));
  expect(await waiting).toMatchObject({ message: "left" });
  await expect(pool.acquire({ signal: controller.signal })).rejects.toThrow("left");
  client.release();
  await works(pool);
});

test("a caller who finds the queue full is refused at once", async () => {
  const { pool } = single({ maxWaiting: 1 });
  const client = await pool.connect();
  const waiting = pool.query("select 1");
  await expect(pool.query("select 1")).rejects.toBeInstanceOf(PoolSaturatedError);
  client.release();
  await waiting;
});

test("code that holds the client and asks for it is refused at once", async () => {
  const holding = new AsyncLocalStorage<boolean>();
  const { pool } = single({}, { holds: () => holding.getStore() === true });
  const client = await pool.connect();
  await holding.run(true, () => expect(pool.connect()).rejects.toBeInstanceOf(NestedAcquireError));
  client.release();
});

test("an ordinary error keeps the connection", async () => {
  const { pool, db } = single();
  const pid = await backendPid(pool);
  await expect(pool.query("select 1 / 0")).rejects.toMatchObject({ code: "22012" });
  await expect(db.transaction((tx) => tx.execute(sql`select 1 / 0`))).rejects.toThrow();
  expect(await backendPid(pool)).toBe(pid);
});

test("a session that a holder had in hand is reset", async () => {
  const { pool } = single({ onConnect: (client) => client.query("set application_name = 'set up'") });
  const client = await pool.connect();
  const pid = await backendPid(client);
  await client.query(`set search_path to pg_catalog; create temporary table left_behind (); listen news; prepare loot as select 1;
    select pg_advisory_lock(42), set_config('app.tenant_id', 'acme', false)`);
  await client.query({ name: "kept", text: "select 1" });
  client.release();
  expect(
    (
      await pool.query(`select pg_backend_pid() as pid, current_setting('app.tenant_id', true) as tenant,
    current_setting('search_path') as path, current_setting('application_name') as name, to_regclass('pg_temp.left_behind') as temp,
    (select count(*)::int from pg_listening_channels()) as channels,
    (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`)
    ).rows,
  ).toEqual([
    { pid, tenant: "", path: '"$user", public', name: "set up", temp: null, channels: 0, locks: 0 },
  ]);
  await pool.query({ name: "kept", text: "select 1" });
  await expect(pool.query("execute loot")).rejects.toMatchObject({ code: "26000" });
});

test("a connection that comes back inside a transaction, busy, or with `release(true)` is replaced", async () => {
  const { pool } = single();
  const given = async (use: (client: pg.PoolClient) => unknown, destroy = false) => {
    const client = await pool.connect();
    const pid = await backendPid(client);
    await use(client);
    client.release(destroy);
    expect(await backendPid(pool)).not.toBe(pid);
    expect(() => client.release()).toThrow("already been released");
  };
  await given((client) => client.query("begin; insert into notes values (1, 'lost')"));
  await given((client) => void client.query("select pg_sleep(30)").catch(() => {}));
  await given(() => {}, true);
  expect(await keptNotes()).toEqual([]);
  await waitFor(async () => (await running()).length === 0, { what: "the server to stop" });
});

test("cursors, streams and callbacks of a client in hand are pg's own", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const query = new pg.Query("select 7 as seven");
  const rows: unknown[] = [];
  query.on("row", (row) => rows.push(row));
  await new Promise((resolve) => client.query(query).on("end", resolve));
  const seen = await new Promise((resolve) =>
    client.query("select $1::int as eight", [8], (_error, result) => resolve(result.rows)),
  );
  expect([rows, seen]).toEqual([[{ seven: 7 }], [{ eight: 8 }]]);
  client.release();
});

test("end() lets the holder finish, serves the queue and refuses newcomers", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const queued = pool.query("select 'served' as outcome");
  const ended = pool.end();
  await expect(pool.connect()).rejects.toBeInstanceOf(PoolClosedError);
  expect(pool.end()).toBe(ended);
  client.release();
  expect((await queued).rows).toEqual([{ outcome: "served" }]);
  await ended;
  expect(pool.totalCount).toBe(0);
});

test("end() cuts the connection at its deadline, stops the server and rejects the queue", async () => {
  const { pool } = single();
  const client = await pool.connect();
  const statement = client.query("select pg_sleep(30)").catch(caught);
  const queued = pool.query("select 1").catch(caught);
  await pool.end({ timeoutMs: 50 });
  expect(await queued).toBeInstanceOf(PoolClosedError);
  expect(classifyError(await statement).kind).toBe("connection_lost");
  await waitFor(async () => (await running()).length === 0, { what: "the server to stop" });
});

test("end() waits neither for a connect that hangs nor for a server that says no goodbye", async () => {
  const hanging = await proxied();
  hanging.proxy.pause();
  const waiting = hanging.pool.connect().catch(caught);
  const silent = await proxied();
  await works(silent.pool);
  silent.proxy.pause();
  const startedAtMs = performance.now();
  await Promise.all([hanging.pool.end({ timeoutMs: 50 }), silent.pool.end()]);
  expect(performance.now() - startedAtMs).toBeLessThan(4_000);
  expect(await waiting).toBeInstanceOf(PoolClosedError);
});

test("slow statements are logged with the place they come from", async () => {
  const { lines, logger } = keepLines();
  const { db } = single({ slowQueryMs: 40, logger });
  await db.execute(sql`select pg_sleep(0.06)`);
  const slow = lines.find(({ fields }) => String(fields.statement).includes("pg_sleep"));
  expect(slow?.fields).toMatchObject({ rows: 1, callSite: expect.stringContaining("contract.test.ts") });
});

test("no dump shows a secret", () => {
  const { pool } = single({ connectionString: database.url() });
  const { password } = database.options();
  expect(inspect(pool, { depth: 10 }) + JSON.stringify(pool) + inspect(pool.options)).not.toContain(password);
});

test("a statement at its deadline is cancelled, and its connection is replaced", async () => {
  const { pool, db } = single({ queryTimeoutMs: 500 });
  const pid = await backendPid(pool);
  const slow = db.execute(sql`insert into notes select 1, 'late' from pg_sleep(30)`);
  await expect(slow).rejects.toMatchObject({ cause: { code: "STATEMENT_TIMEOUT", outcomeKnown: false } });
  await waitFor(async () => (await running()).length === 0, { what: "the server to stop" });
  expect(await backendPid(pool)).not.toBe(pid);
  const own = pool.query({ text: "select pg_sleep(30)", query_timeout: 50 } as pg.QueryConfig);
  await expect(own).rejects.toThrow("50 ms");
  expect(await keptNotes()).toEqual([]);
});

test("a statement whose caller gives up is cancelled likewise", async () => {
  const { pool } = single();
  await works(pool);
  const controller = new AbortController();
  const { signal } = controller;
  const slow = pool.query({ text: "select pg_sleep(30)", signal } as pg.QueryConfig).catch(caught);
  await waitFor(async () => (await running()).length === 1, { what: "the statement to run" });
  controller.abort(new Error("left"));
  expect(await slow).toMatchObject({ message: "left" });
  await waitFor(async () => (await running()).length === 0, { what: "the server to stop" });
  await works(pool);
});

test("where `connect` has listeners, a connection that a holder had in hand is replaced, not reset", async () => {
  const { pool } = single();
  pool.on("connect", (client) => void client.query("set application_name = 'listener'"));
  const client = await pool.connect();
  const pid = await backendPid(client);
  client.release();
  const { rows } = await pool.query(
    "select pg_backend_pid() as pid, current_setting('application_name') as name",
  );
  expect(rows).toEqual([{ pid: expect.not.toSatisfy((other) => other === pid), name: "listener" }]);
});

test("a connect that failed is not tried again: its error goes to the caller", async () => {
  const { pool, proxy } = await proxied();
  await proxy.refuse();
  await expect(pool.query("select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await proxy.accept();
  await works(pool);
});

test("an idle connection is not pinged: a silent network is noticed at the statement's deadline", async () => {
  const { pool, proxy } = await proxied({ queryTimeoutMs: 300 });
  await works(pool);
  await sleep(1_100); // after a second the pool would ask first
  proxy.pause();
  await expect(pool.query("select 1")).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT" });
  proxy.resume();
  await works(pool);
});

test("sizes, ages and leaks have no effect", async () => {
  const { lines, logger } = keepLines();
  const { pool } = single({
    max: 5,
    min: 2,
    maxLifetimeMs: 1,
    idleTimeoutMillis: 1,
    leakThresholdMs: 1,
    slowQueryMs: 0,
    logger,
  });
  const client = await pool.connect();
  const pid = await backendPid(client);
  await sleep(30); // longer than all of them
  client.release();
  const pidAfter = await backendPid(pool);
  const warnings = lines.filter(({ level }) => level !== "debug");
  expect([pidAfter, pool.getStats().max, warnings]).toEqual([pid, 1, []]);
});

test("no statement is named by itself", async () => {
  const { pool, db } = single({ prepare: "on" });
  for (let time = 0; time < 3; time++) await db.select().from(notes);
  expect((await pool.query("select name from pg_prepared_statements")).rows).toEqual([]);
});

test("callbacks of the pool are refused", async () => {
  const { pool } = single();
  expect(() => pool.connect((() => {}) as never)).toThrow(TypeError);
  await expect(pool.query("select 1", (() => {}) as never)).rejects.toThrow(TypeError);
});

test("options that it cannot heed are refused", () => {
  const options = { Client: pg.Client, Promise, verify: () => {} };
  const error = (() => {
    try {
      return new SingleClientPool(options);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(PoolConfigError);
  expect(error).toMatchObject({ faults: Object.keys(options).map((name) => expect.stringContaining(name)) });
});

test("several hosts, or a host that must have a role, are refused at start", () => {
  for (const url of ["postgres://u:p@a:5432,b:5432/db", "postgres://u:p@a/db?target_session_attrs=primary"])
    expect(() => new SingleClientPool({ connectionString: url })).toThrow(
      /name one host, without target_session_attrs/,
    );
});

test("there are no totals, no further events, and nothing to resize or drain", () => {
  const { pool } = single();
  for (const name of ["getTotals", "events", "resize", "drain"]) expect(pool).not.toHaveProperty(name);
});

test("no pooler is looked for, and nothing is refused because of one", async () => {
  const { pool } = single({ pooler: "transaction" });
  const client = await pool.connect();
  await client.query("set work_mem = '5MB'");
  expect((await client.query("select current_setting('work_mem') as it")).rows).toEqual([{ it: "5MB" }]);
  client.release();
});

test("every row of docs/SINGLE_CLIENT.md has its test, and every test its row", () => {
  const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
  const rows = [...read("docs/SINGLE_CLIENT.md").matchAll(/^\| (.+?) \|/gm)].map(([, first]) => first);
  const tests = ["pool/test/single-client/contract.test.ts", "db/test/single-client.test.ts"].flatMap(
    (file) => [...read(`packages/${file}`).matchAll(/^test\("(.+)", /gm)].map(([, title]) => title),
  );
  expect(rows.filter((row) => !/^(-+|what)$/.test(row ?? "")).sort()).toEqual(
    tests.filter((title) => !title?.startsWith("every row of")).sort(),
  );
});
