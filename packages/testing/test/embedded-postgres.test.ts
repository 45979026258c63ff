import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  findFreePort,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from "../src/index.ts";
import { processIdentity } from "../src/processes.ts";
import { serverUser, spawnIdentity } from "../src/server-user.ts";

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

/** Starts a server that ends with the test. */
async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ name: "harness", log: () => {}, ...options });
  undo.push(() => server.stop("immediate"));
  return server;
}

/** Options of a cluster whose data is kept until the test ends. */
function keptCluster(): { name: string; temporary: false } {
  const name = `kept-${process.pid}`;
  undo.push(() => removeEmbeddedPostgres({ name }));
  return { name, temporary: false };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function occupy(port: number): Promise<Server> {
  const listener = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  undo.push(() => listener.close());
  return listener;
}

test("a kept cluster comes back with its data, port and password; a temporary one leaves nothing", async () => {
  const kept = keptCluster();
  const first = await start(kept);
  await query(first.url, "create table kept as select 1 as value");
  await first.stop();
  expect(processIdentity(first.pid)).toBeNull();
  const passwordFile = join(dirname(first.dataDirectory), "superuser-password");
  expect(statSync(passwordFile).mode & 0o777).toBe(0o600);

  const second = await start(kept);
  expect(second.url).toBe(first.url);
  expect(await query(second.url, "select value from kept")).toEqual([{ value: 1 }]);

  const temporary = await start();
  await temporary.stop();
  expect(existsSync(dirname(temporary.dataDirectory))).toBe(false);
  expect(processIdentity(temporary.pid)).toBeNull();
});

test("a remembered port that another program took is left to it, and said", async () => {
  const kept = keptCluster();
  const first = await start(kept);
  await first.stop();
  const squatter = await occupy(first.port);

  const said: string[] = [];
  const second = await start({ ...kept, log: (line) => said.push(line) });

  expect(second.port).not.toBe(first.port);
  expect(said).toEqual([expect.stringContaining(`Port ${first.port} is in use by another program`)]);
  expect(said[0]).toContain(String(second.port));
  expect(squatter.listening).toBe(true);
  await second.stop();

  const third = await start(kept);
  expect(third.port).toBe(second.port);
});

test("a port that was asked for is used, or refused when it is taken", async () => {
  const port = await findFreePort();
  const server = await start({ port });
  expect(server.port).toBe(port);
  await expect(start({ port })).rejects.toMatchObject({ code: "POSTGRES_PORT_TAKEN" });
});

test("restart and kill -9 keep port and data, and connections are really lost", async () => {
  const server = await start();
  await query(server.url, "create table kept as select 1 as value");
  const session = new pg.Client({ connectionString: server.url });
  await session.connect();
  const lost = new Promise((resolve) => session.on("error", resolve));

  await server.kill();
  await lost;
  await expect(query(server.url, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });

  const { port, pid } = server;
  await server.restart();
  expect(server.port).toBe(port);
  expect(server.pid).not.toBe(pid);
  expect(await query(server.url, "select value from kept")).toEqual([{ value: 1 }]);

  await server.restart("smart");
  expect(await query(server.url, "select value from kept")).toEqual([{ value: 1 }]);
  await session.end().catch(() => {});
});

test("settings, rules of pg_hba.conf and files reach the server, and stay over a restart", async () => {
  const server = await start({
    settings: { max_connections: "37", application_name: "it's quoted" },
    hba: ["host all refused 127.0.0.1/32 reject"],
    files: { "root.crt": "placed" },
  });
  await query(server.url, "create role refused login password 'x'");
  await server.restart();

  const sql =
    "select current_setting('max_connections') as max, current_setting('application_name') as name, pg_read_file('root.crt') as file";
  expect(await query(server.url, sql)).toEqual([{ max: "37", name: "it's quoted", file: "placed" }]);
  const refused = new URL(server.url);
  refused.username = "refused";
  refused.password = "x";
  await expect(query(refused.href, "select 1")).rejects.toMatchObject({ code: "28000" });
});

test("a password is asked for, sockets are off, and only the loopback address listens", async () => {
  const server = await start();
  const stranger = new URL(server.url);
  stranger.password = "guessed";
  await expect(query(stranger.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  const sql =
    "select name, setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories')";
  expect(await query(server.url, `${sql} order by name`)).toEqual([
    { name: "listen_addresses", setting: "127.0.0.1" },
    { name: "unix_socket_directories", setting: "" },
  ]);
});

test("a pid file of a server lost in a power cut, whose pid another program has by now, is no obstacle", async () => {
  const kept = keptCluster();
  const first = await start(kept);
  await first.kill();
  // Of the server's user: Postgres itself passes over the processes of others.
  const bystander = spawn("sleep", ["60"], { ...spawnIdentity(serverUser()), cwd: "/", stdio: "ignore" });
  undo.push(() => bystander.kill("SIGKILL"));
  const pidFile = join(first.dataDirectory, "postmaster.pid");
  writeFileSync(pidFile, readFileSync(pidFile, "utf8").replace(/^\d+/, String(bystander.pid)));
  writeFileSync(join(dirname(first.dataDirectory), "launcher.json"), "{"); // cut short

  const second = await start(kept);
  expect(second.shared).toBe(false);
  expect(await query(second.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(processIdentity(bystander.pid ?? 0)).not.toBeNull(); // not taken for the server, nor stopped
});

test("a server that does not start tells why, and leaves nothing", async () => {
  const failing = start({ settings: { max_connections: "many" } });
  await expect(failing).rejects.toMatchObject({
    code: "POSTGRES_START",
    message: expect.stringContaining('invalid value for parameter "max_connections": "many"'),
  });
});

test("data of another major version is refused in words", async () => {
  const kept = keptCluster();
  const server = await start(kept);
  await server.stop();
  writeFileSync(join(server.dataDirectory, "PG_VERSION"), "12\n");
  await expect(start(kept)).rejects.toMatchObject({
    code: "POSTGRES_DATA_VERSION",
    message: expect.stringContaining("PostgreSQL 12"),
  });
});

test("a second start in the same process joins the first; its stop and restart are not the server's", async () => {
  const kept = keptCluster();
  const owner = await start(kept);
  const guest = await start(kept);
  expect(guest).toMatchObject({ shared: true, url: owner.url, pid: owner.pid });
  await expect(guest.restart()).rejects.toMatchObject({ code: "POSTGRES_BUSY" });
  await guest.stop();
  expect(await query(owner.url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await removeEmbeddedPostgres({ name: kept.name })).toBe(false);
});
