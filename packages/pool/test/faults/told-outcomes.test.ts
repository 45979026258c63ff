import dns from "node:dns";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@openhouse/pool-testing";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import type { PoolOptions } from "../../src/config/options.ts";
import { isReusable } from "../../src/connection/reset.ts";
import { classifyError } from "../../src/errors/classify.ts";
import { CommitUnknownError } from "../../src/errors/errors.ts";
import { isStatementError } from "../../src/errors/server-answer.ts";
import { Pool } from "../../src/pool.ts";
import { SingleClientPool } from "../../src/single-client/single-client-pool.ts";
import { scoped } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { settled, useDatabase } from "../support/pools.ts";

const database = useDatabase();
const SCOPE = { "app.tenant_id": "1" };

function serverError(severity: string, code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError("could not be done", 0, "error"), { severity, code });
}

test("a COMMIT that was never sent, because the backend was gone by then, is told as what ended it", async () => {
  const pool = database.pool({ max: 1 });
  const observer = await database.observer();
  const lost = new ScopedPool(() => pool).transaction(async (client) => {
    const { rows } = await client.query("select pg_backend_pid() as pid");
    await observer.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await sleep(100); // the backend's last word has arrived
  });
  await expect(lost).rejects.not.toBeInstanceOf(CommitUnknownError);
});

test("a COMMIT whose cancellation the server has confirmed is told as cancelled", async () => {
  const pool = database.pool({ max: 1, queryTimeoutMs: 300 });
  await pool.query(`
    create table slow_at_commit (id int);
    create function take_long() returns trigger language plpgsql as $$ begin perform pg_sleep(5); return null; end $$;
    create constraint trigger slow after insert on slow_at_commit deferrable initially deferred
      for each row execute function take_long()`);
  const work = new ScopedPool(() => pool).transaction((client) =>
    client.query("insert into slow_at_commit values (1)"),
  );
  await expect(work).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: true });
  expect((await pool.query("select from slow_at_commit")).rowCount).toBe(0);
});

test.each([
  ["ERROR", "23505", true],
  ["FEHLER", "23505", true],
  ["エラー", "40001", true],
  ["FATAL", "23505", false],
  ["ВАЖНО", "57P01", false],
  ["FEHLER", "57P01", false],
  ["致命错误", "25P03", false],
])("%s %s tells that a statement failed and the session goes on: %s", (severity, code, expected) => {
  expect(isStatementError(serverError(severity, code))).toBe(expected);
});

test("a violation told in another language keeps the connection", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.connect();
  expect(await isReusable(client, serverError("FEHLER", "23505"))).toBe(true);
  expect(await isReusable(client, serverError("FEHLER", "57P01"))).toBe(false);
  client.release();
});

test.each([
  "(select 1 as n) union (select 2)",
  "with x as (select 1 as n) select n from x",
  "/* route='/x' */ -- and so on\n select 1 as n",
  "explain select 1",
])("a scoped read is never in doubt: %s", async (text) => {
  const { pool, proxy } = await database.proxied({ max: 1, prepare: "off" });
  await scoped(pool, SCOPE).query(text);
  proxy.cutAfter(text);
  const lost = scoped(pool, SCOPE).query(text);
  await expect(lost).rejects.toThrow();
  await expect(lost).rejects.not.toBeInstanceOf(CommitUnknownError);
});

test("a scoped write behind WITH is in doubt", async () => {
  const { pool, proxy } = await database.proxied({ max: 1, prepare: "off" });
  await pool.query("create table written (id int)");
  const text = "with x as (insert into written values (1) returning id) select id from x";
  proxy.cutAfter(text);
  await expect(scoped(pool, SCOPE).query(text)).rejects.toBeInstanceOf(CommitUnknownError);
});

describe("a scoped SELECT whose answer is lost", () => {
  const outcomeOf = async (text: string, options: PoolOptions = {}) => {
    const { pool, proxy } = await database.proxied({ max: 1, prepare: "off", ...options });
    await pool.query(`
      create table if not exists placed (id int);
      create or replace function place(int) returns int language sql as 'insert into placed values ($1) returning id'`);
    proxy.cutAfter(text);
    return await scoped(pool, SCOPE)
      .query(text)
      .catch((error: unknown) => classifyError(error).retry);
  };

  test.each([
    "select place(1)",
    "with x as (select place(2) as id) select id from x",
    "select 1 as id into made",
  ])("may have written: %s", async (text) => expect(await outcomeOf(text)).toBe("never"));

  test("has not, where it calls functions of Postgres that are known", async () => {
    expect(await outcomeOf("select count(*) from placed")).toBe("connection_lost");
  });

  test("may have written, although its function leaves nothing in the session", async () => {
    expect(await outcomeOf("select place(3)", { safeFunctions: ["place"] })).toBe("never");
  });
});

test("a caught error on a borrowed client costs no connection, also where ReadyForQuery comes later", async () => {
  const pool = database.pool({ max: 1 });
  for (let round = 0; round < 20; round++) {
    const client = await pool.connect();
    // Behind pg's back: the answer's last part is taken in by the event loop one turn later.
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    const ready = connection.listeners("readyForQuery");
    connection.removeAllListeners("readyForQuery");
    connection.once("readyForQuery", (message) => {
      for (const listener of ready) connection.on("readyForQuery", listener as () => void);
      setImmediate(() => connection.emit("readyForQuery", message));
    });
    await client.query("select 1/0").catch(() => {});
    client.release();
    await settled(pool);
  }
  expect(pool.getTotals()).toMatchObject({ created: 1, destroyed: {} });
});

test("a waiter whose deadline passes while the event loop is blocked gets the connection that has come free", async () => {
  const { pool, proxy } = await database.proxied({ max: 1, connectionTimeoutMillis: 1_000 });
  await pool.query("select 1");
  const first = pool.query("select pg_sleep(0.05)");
  const second = pool.query("select 2 as two");
  await sleep(5);
  proxy.setDelayMs(15); // what has arrived is there after some turns of the loop, and not after the first few
  await new Promise<void>((resolve) => {
    // Behind this, timers come before what has arrived.
    setImmediate(() => {
      const until = performance.now() + 1_500;
      while (performance.now() < until); // the answer arrives meanwhile; so long, that the connection is looked at before it is checked out
      resolve();
    });
  });
  await first;
  expect((await second).rows).toEqual([{ two: 2 }]);
});

test("a caller who has given up before a statement was sent costs no connection", async () => {
  const pool = database.pool({ max: 1 });
  const client = await pool.acquire();
  const reason = new Error("changed my mind");
  const statement = { text: "select 1", signal: AbortSignal.abort(reason) };
  await expect(client.query(statement)).rejects.toBe(reason);
  client.release(reason);
  await settled(pool);
  expect(pool.getTotals().destroyed).toEqual({});
});

test("a pool that has ended while a hook hung in a session's reset counts no connection", async () => {
  const hook = vi.fn((): Promise<void> | undefined =>
    hook.mock.calls.length > 1 ? new Promise(() => {}) : undefined,
  );
  const pool = new Pool({
    ...database.options(),
    max: 1,
    min: 0,
    connectionTimeoutMillis: 30_000,
    onConnect: hook,
  });
  const client = await pool.acquire();
  await client.query("set app.mark to 'x'");
  client.release();
  await waitFor(() => hook.mock.calls.length === 2, { what: "the hook to run again" });
  const idleCounts: number[] = [];
  pool.events.once("destroyed", () => idleCounts.push(pool.getStats().idleCount));
  await pool.end({ timeoutMs: 0 });
  expect(idleCounts).toEqual([0]);
  expect(pool.getStats()).toMatchObject({ totalCount: 0, idleCount: 0, usedCount: 0 });
});

test("a cancel request goes the way that the client's own socket went", async () => {
  const { host = "", port = 0 } = database.options();
  const opened: string[] = [];
  const pool = database.pool({
    max: 1,
    host: "nowhere.invalid",
    stream: () => {
      const socket = new Socket();
      const connect = socket.connect.bind(socket) as (port: number, host: string) => typeof socket;
      return Object.assign(socket, {
        connect: () => {
          opened.push("socket");
          return connect(port, host);
        },
      });
    },
  });
  const slow = pool.query({ text: "select pg_sleep(5)", query_timeout: 100 } as pg.QueryConfig);
  await expect(slow).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: true });
  expect(opened).toHaveLength(2);
});

test("a cancel request goes to the address that the connection is on, whatever the name stands for by then", async () => {
  const lookups: string[] = [];
  const lookup = dns.lookup;
  const stub = vi.spyOn(dns, "lookup").mockImplementation(((
    host: string,
    options: object,
    done: () => void,
  ) => {
    if (host !== "db.example") return lookup(host, options, done);
    lookups.push(host);
    const found = [{ address: lookups.length === 1 ? "127.0.0.1" : "127.0.0.9", family: 4 }];
    return process.nextTick(done as (...told: unknown[]) => void, null, found);
  }) as unknown as typeof dns.lookup);
  try {
    const pool = database.pool({ max: 1, host: "db.example", queryTimeoutMs: 100 });
    const slow = pool.query("select pg_sleep(5)");
    await expect(slow).rejects.toMatchObject({ code: "STATEMENT_TIMEOUT", outcomeKnown: true });
    expect(lookups).toHaveLength(1);
  } finally {
    stub.mockRestore();
  }
});

describe("a commit that is interrupted while it waits for a standby", () => {
  // As Postgres says it: the routine is what no language changes.
  const warn = (pool: NodeJS.EventEmitter) =>
    pool.on("connect", (client) => {
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.on("commandComplete", ({ text }: { text: string }) => {
        if (/^(INSERT|COMMIT)/.test(text))
          connection.emit("notice", { severity: "WARNUNG", code: "01000", routine: "SyncRepWaitForLSN" });
      });
    });

  test.each<[string, (pool: Pool) => Promise<unknown>]>([
    ["COMMIT", (pool) => new ScopedPool(() => pool).transaction((client) => client.query("select 1"))],
    ["a scoped statement", (pool) => scoped(pool, SCOPE).query("insert into standby values (1)")],
    ["a statement", (pool) => pool.query("insert into standby values (1)")],
    [
      "one statement of a batch whose statements stand alone",
      async (pool) => {
        const statements = ["select 1", "insert into standby values (1)", "select 2"];
        const outcomes = await new ScopedPool(() => pool).batch(statements, { atomic: false });
        const told = outcomes.map(({ status }) => status);
        expect(told).toEqual(["fulfilled", "rejected", "fulfilled"]);
        throw outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []))[0];
      },
    ],
  ])("is in doubt, and costs no connection: %s", async (_what, work) => {
    const pool = database.pool({ max: 1 });
    await pool.query("create table if not exists standby (id int)");
    warn(pool);
    pool.drain();
    await expect(work(pool)).rejects.toBeInstanceOf(CommitUnknownError);
    await settled(pool);
    await pool.query("select 1");
    expect(pool.getTotals()).toMatchObject({ created: 2, destroyed: { retired: 1 } });
  });

  test.each<[string, (pool: SingleClientPool) => Promise<unknown>]>([
    ["COMMIT", (pool) => new ScopedPool(() => pool).transaction((client) => client.query("select 1"))],
    ["a statement", (pool) => pool.query("insert into standby values (1)")],
  ])("is in doubt over the single client: %s", async (_what, work) => {
    const pool = database.keep(new SingleClientPool(database.options()));
    warn(pool);
    await pool.query("create table if not exists standby (id int)");
    await expect(work(pool)).rejects.toThrow(/^the commit was interrupted while it waited/);
    await expect(work(pool)).rejects.toBeInstanceOf(CommitUnknownError);
  });
});

test.each([
  ["25P03", "-c idle_in_transaction_session_timeout=50", "timeout"],
  ["57P01", "", "shutting_down"],
])(
  "why the server has ended a transaction's session is told, and logged once: %s",
  async (sqlstate, options, kind) => {
    const warn = vi.fn();
    const logger = { keepsFields: true as const, info() {}, warn, error() {} };
    const pool = database.pool({ max: 1, logger, ...(options !== "" && { options }) });
    const observer = await database.observer();
    const work = new ScopedPool(() => pool).transaction(async (client) => {
      const { rows } = await client.query("select pg_backend_pid() as pid");
      if (options === "") await observer.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
      await waitFor(() => warn.mock.calls.length > 0, { what: "the line in the log" });
      await sleep(50); // the socket has closed, and a second line would be there
      return await client.query("select 2");
    });
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: { code: sqlstate } });
    expect(classifyError(error)).toMatchObject({ kind, sqlstate });
    const about = { sqlstate, callSite: expect.any(String), heldMs: expect.any(Number) };
    expect(warn.mock.calls).toEqual([["db.pool.connection_ended", expect.objectContaining(about)]]);
  },
);

test("who gives up waiting for a scoped statement's connection leaves the queue at once", async () => {
  const pool = database.pool({ max: 1 });
  const holder = await pool.acquire();
  const controller = new AbortController();
  const refused = scoped(pool, SCOPE).query({
    text: "select 1",
    signal: controller.signal,
  } as pg.QueryConfig);
  expect(pool.getStats().waitingCount).toBe(1);
  controller.abort(new Error("changed my mind"));
  await expect(refused).rejects.toThrow("changed my mind");
  expect(pool.getStats().waitingCount).toBe(0);
  holder.release();
});

test.each([
  ["server conn crashed?", true],
  ["query_wait_timeout", false],
])(
  "a scoped write that a pooler has ended is in doubt, unless it was never sent: %s",
  async (message, isInDoubt) => {
    const pool = database.pool({ max: 1, prepare: "off" });
    await pool.query("create table if not exists pooled (id int)");
    pool.drain();
    pool.once("connect", (client) => {
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      const error = Object.assign(serverError("FATAL", "08P01"), { message });
      connection.once("bindComplete", () => connection.emit("errorMessage", error));
    });
    const write = scoped(pool, SCOPE).query("insert into pooled values (1)");
    const thrown: unknown = await write.catch((error: unknown) => error);
    expect(thrown instanceof CommitUnknownError).toBe(isInDoubt);
  },
);

test("a connect that an error of another kind ends is tried again where it may pass", async () => {
  let connects = 0;
  const pool = database.pool({
    max: 1,
    onConnect: () => {
      connects++;
      if (connects === 1) throw serverError("FATAL", "08P01");
      if (connects === 2) throw serverError("ERROR", "53200");
    },
  });
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  expect(connects).toBe(3);
});
