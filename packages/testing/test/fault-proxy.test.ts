import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createTestDatabase,
  type FaultProxy,
  startFaultProxy,
  type TestDatabase,
  testServerUrl,
  waitFor,
} from "../src/index.ts";

let proxy: FaultProxy;
let database: TestDatabase;
const clients: pg.Client[] = [];

beforeEach(async () => {
  const { hostname, port } = new URL(testServerUrl());
  proxy = await startFaultProxy({ host: hostname, port: Number(port || 5432) });
  database = await createTestDatabase();
});

afterEach(async () => {
  await proxy.close();
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})));
  await database.drop();
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: proxy.url(database.url), connectionTimeoutMillis: 1_000 });
  client.on("error", () => {});
  clients.push(client);
  await client.connect();
  return client;
}

/** Asks the server past the proxy. */
async function askDirectly(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const OTHERS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
const TERMINATE_OTHERS = `select pg_terminate_backend(pid) ${OTHERS}`;
const backends = () => askDirectly(`select pid ${OTHERS}`);

/** Whether it settles within that time: that something does not happen can only be seen by waiting a while. */
async function settledWithin(promise: Promise<unknown>, waitMs: number): Promise<boolean> {
  const timeout = new Promise((resolve) => setTimeout(() => resolve("timeout"), waitMs));
  return (await Promise.race([promise, timeout])) !== "timeout";
}

test("it passes everything on, counts connections, and ends them as their client does", async () => {
  const client = await connect();
  const big = "x".repeat(2_000_000);
  const { rows } = await client.query("select $1::text as big", [big]);
  expect(rows[0]?.big).toBe(big);
  expect(proxy.connections).toBe(1);

  await client.end();
  await waitFor(() => proxy.connections === 0, { what: "the proxy to see the connection end" });
});

test("deaf, it lets nothing pass and keeps the sockets; resumed, it delivers what it held back", async () => {
  const client = await connect();
  proxy.pause();
  const answer = client.query("select 1 as one");
  expect(await settledWithin(answer, 200)).toBe(false);
  expect(proxy.connections).toBe(1);

  proxy.resume();
  expect((await answer).rows).toEqual([{ one: 1 }]);
});

test("deaf, it does not tell one side of the other's end", async () => {
  const client = await connect();
  proxy.pause();
  await askDirectly(TERMINATE_OTHERS);
  const heard = new Promise((resolve) => client.once("error", resolve));
  expect(await settledWithin(heard, 200)).toBe(false);

  proxy.resume();
  await expect(heard).resolves.toMatchObject({ code: "57P01" });
});

test("deaf in one direction, the server works and its answer is held back", async () => {
  const client = await connect();
  await client.query("create table written ()");
  proxy.pause("toClient");
  const answer = client.query("drop table written");
  await waitFor(async () => (await askDirectly("select to_regclass('written') is null as gone"))[0]?.gone, {
    what: "the server to do it",
  });
  expect(await settledWithin(answer, 100)).toBe(false);
  proxy.resume();
  await answer;
});

test("a cut resets the connection on both sides", async () => {
  const client = await connect();
  const answer = client.query("select pg_sleep(30)");
  proxy.cut();
  await expect(answer).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(proxy.connections).toBe(0);
  // A sleeping backend does not look at its socket; what counts is that a new connection works.
  await askDirectly(TERMINATE_OTHERS);
  await expect(connect()).resolves.toBeDefined();
});

test("a connection that is cut while its end is passed on is closed, as a socket that is not would hold the process", async () => {
  const peers: Socket[] = [];
  const target = createServer({ allowHalfOpen: true }, (peer) => {
    peer.on("error", () => {});
    peers.push(peer);
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
  const { port } = target.address() as AddressInfo;
  const between = await startFaultProxy({ host: "127.0.0.1", port });
  const socket = createConnection(between.port, "127.0.0.1");
  socket.on("error", () => {});
  const [peer] = await waitFor(() => peers.length === 1 && peers, {
    what: "the connection behind the proxy",
  });
  between.pause();
  socket.end();
  await once(socket, "finish");
  for (let turn = 0; turn < 5; turn++) await setImmediate(); // the end is there, and is read in the next turn
  between.resume();
  between.cut(); // in the turn in which the end is passed on
  // Nobody answers for a socket that is closed; one that is only shut down takes all that comes.
  const isRefused = () => {
    peer?.write("x");
    return peer?.destroyed === true;
  };
  await waitFor(isRefused, { what: "the other side to be told that it is closed", timeoutMs: 5_000 });
  await Promise.all([between.close(), new Promise((resolve) => target.close(resolve))]);
});

test("a commit cut before the server sees it did not happen; cut after, it did", async () => {
  const setup = await connect();
  await setup.query("create table written (value text)");
  await setup.end();

  const write = async (value: string) => {
    const client = await connect();
    await client.query("begin");
    await client.query("insert into written values ($1)", [value]);
    await client.query("COMMIT");
  };
  proxy.cutBefore("commit");
  await expect(write("before")).rejects.toMatchObject({ code: "ECONNRESET" });
  proxy.cutAfter("commit");
  await expect(write("after")).rejects.toMatchObject({ code: "ECONNRESET" });
  await write("unharmed"); // each once

  expect(await askDirectly("select value from written")).toEqual([{ value: "after" }, { value: "unharmed" }]);
});

test("it refuses new connections and keeps the old, until it accepts again on the same port", async () => {
  const client = await connect();
  await proxy.refuse();
  await expect(connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);

  await proxy.accept();
  await expect(connect()).resolves.toBeDefined();
});

test("a delay holds each direction back", async () => {
  const client = await connect();
  proxy.setDelayMs(100);
  const startedAt = performance.now();
  await client.query("select 1");
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
});

test("a delay made shorter lets nothing overtake what is under way", async () => {
  const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const address = echo.address();
  const toEcho = await startFaultProxy({
    host: "127.0.0.1",
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
  });
  const socket = createConnection(toEcho.port, "127.0.0.1");
  let heard = "";
  socket.on("data", (bytes) => {
    heard += String(bytes);
  });

  toEcho.setDelayMs(150);
  socket.write("first ");
  await waitFor(() => toEcho.bytesHeld > 0, { what: "the proxy to hold the first back" });
  toEcho.setDelayMs(0);
  socket.write("second");

  await waitFor(() => heard.length === 12, { what: "both to come back" });
  expect(heard).toBe("first second");
  socket.destroy();
  await toEcho.close();
  await new Promise((resolve) => echo.close(resolve));
});

test("close ends its connections, and the server notices", async () => {
  await connect();
  await proxy.close();
  await waitFor(async () => (await backends()).length === 0, { what: "the server to notice" });
  await expect(connect()).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
