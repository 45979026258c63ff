import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  asSuperuser,
  createTestDatabase,
  findFreePort,
  testServerUrl,
  waitFor,
} from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { EXAMPLE_ENVIRONMENT, installExample } from "../support/installed-example.ts";
import { makeOrdinaryRole } from "../support/ordinary-role.ts";
import { packPool } from "../support/packed-pool.ts";

let directory: string;
let tarball: string;
beforeAll(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), "examples-test-"));
  tarball = packPool(directory);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }), 180_000); // thousands of files, and Next's build

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

const ACME = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";

const run = promisify(execFile);
const installed = new Map<string, Promise<string>>();

/** An example's folder, installed at its first use. */
function folderOf(name: string): Promise<string> {
  const folder = installed.get(name) ?? installExample(name, directory, tarball);
  installed.set(name, folder);
  return folder;
}

/** An example that runs on a database of its own, as an ordinary role, started by a command of its package. */
async function start(name: string, env: Record<string, string> = {}, command = "start") {
  const cwd = await folderOf(name);
  const database = await createTestDatabase();
  const role = await makeOrdinaryRole(database.url);
  undo.push(async () => {
    await database.drop();
    await role.drop();
  });
  const urls = { DATABASE_URL: role.url, DATABASE_URL_OWNER: `${database.url}?sslmode=disable` };
  const mode = command === "dev" ? "development" : "production";
  const child: ChildProcess = spawn("npm", ["run", command, "--silent"], {
    cwd,
    env: { ...process.env, NODE_ENV: mode, ...EXAMPLE_ENVIRONMENT, ...urls, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // npm and what it starts are ended together
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => (printed += String(chunk)));
  const ended = once(child, "exit");
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? 0), name);
  undo.push(async () => {
    if (child.exitCode === null && child.signalCode === null) signal("SIGKILL");
    await ended;
  });
  return {
    cwd,
    url: role.url,
    output: () => printed,
    query: <Row>(text: string) =>
      asSuperuser(database.url, async (client) => (await client.query(text)).rows as Row[]),
    /** The server's processes that the example's connections have, the oldest first. */
    backends: () =>
      asSuperuser(testServerUrl(), async (client) => {
        const { rows } = await client.query<{ pid: number }>(
          "select pid from pg_stat_activity where datname = $1 and backend_type = 'client backend' order by backend_start",
          [database.name],
        );
        return rows.map(({ pid }) => pid);
      }),
    /** While `work` runs, the database takes no connections and has none. */
    async outage(work: () => Promise<void>): Promise<void> {
      await asSuperuser(testServerUrl(), async (client) => {
        await client.query(`alter database ${database.name} allow_connections false`);
        await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
          database.name,
        ]);
        await work().finally(() => client.query(`alter database ${database.name} allow_connections true`));
      });
    },
    /** Asks it to end, and waits until it has. */
    async end(): Promise<void> {
      signal("SIGTERM");
      await ended;
    },
  };
}

test("worker: every job is done once, by workers side by side, and none is left half done at the end", async () => {
  const worker = await start("worker", { JOBS: "300" });
  await waitFor(() => worker.output().split("done").length > 30, { timeoutMs: 20_000, what: "some jobs" });
  await worker.end();
  const [counts] = await worker.query<{ done: number; workers: number }>(
    "select count(done_at)::int as done, count(distinct done_by)::int as workers from job",
  );
  const told = [...worker.output().matchAll(/job (\d+) done/g)].map(([, id]) => id);
  expect(new Set(told).size).toBe(told.length);
  expect(counts).toEqual({ done: told.length, workers: 3 });
}, 60_000);

test("express-kysely: a transfer, a refused one, health, metrics, and an orderly end", async () => {
  const port = await findFreePort();
  const example = await start("express-kysely", { PORT: String(port) });
  await waitFor(() => example.output().includes("http://"), { timeoutMs: 20_000, what: "the server" });
  const url = `http://127.0.0.1:${port}`;
  const transfer = (body: unknown) =>
    fetch(`${url}/transfers`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  expect((await transfer({ from: 1, to: 2, cents: 300 })).status).toBe(204);
  const refused = await transfer({ from: 1, to: 2, cents: 5_000 });
  expect([refused.status, await refused.json()]).toEqual([409, { error: "NOT_ENOUGH" }]);
  expect((await transfer({ from: 1, to: "2; drop table account" })).status).toBe(400);
  expect(await (await fetch(`${url}/accounts`)).json()).toEqual([
    { id: 1, cents: 700 },
    { id: 2, cents: 300 },
  ]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("db_client_connection_");
  await example.end();
}, 60_000);

test("prisma: a duplicate, deposits at once, an outage, and an orderly end", async () => {
  const port = await findFreePort();
  const example = await start("prisma", { PORT: String(port) });
  await waitFor(() => example.output().includes("http://"), { timeoutMs: 60_000, what: "the server" });
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  expect((await example.backends()).length).toBeGreaterThanOrEqual(2); // warmed up

  expect((await ask("/accounts?email=a", "POST")).status).toBe(201);
  const refused = await ask("/accounts?email=a", "POST");
  expect([refused.status, await refused.json()]).toEqual([409, { error: "REFUSED" }]);

  const deposits = await Promise.all(Array.from({ length: 4 }, () => ask("/deposits?email=a", "POST")));
  expect(deposits.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
  const accounts = [{ id: 1, email: "a", cents: 4 }];
  expect(await (await ask("/accounts")).json()).toEqual(accounts);
  expect(await (await ask("/retries")).json()).toBeGreaterThan(0);

  await example.outage(async () => {
    const away = await ask("/accounts");
    // Prisma keeps the pool's code, and not the cause, which would say that the database takes no connections.
    expect([away.status, await away.json()]).toEqual([503, { error: "timeout" }]);
  });
  expect(await (await ask("/accounts")).json()).toEqual(accounts);
  expect((await ask("/healthz")).status).toBe(200);
  await example.end();
}, 120_000);

test("prisma: a module that is loaded again finds the same pool, and an Accelerate URL is told what to do", async () => {
  const cwd = await folderOf("prisma");
  const load = async (url: string) => {
    const code = `Promise.all([import("./database.ts?1"), import("./database.ts?2")]).then(([one, other]) =>
      console.log(one.database !== other.database && one.database().client === other.database().client))`;
    const env = { ...process.env, ...EXAMPLE_ENVIRONMENT, DATABASE_URL: url };
    await run("npx", ["prisma", "generate"], { cwd, env });
    return run(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", code], { cwd, env });
  };
  expect((await load("postgres://user:password@127.0.0.1:1/none")).stdout).toBe("true\n");
  await expect(load("prisma://accelerate.prisma-data.net/?api_key=secret")).rejects.toThrow(
    /copy the direct \(TCP\) connection string/,
  );
}, 120_000);

test("next-drizzle-rls: each tenant sees its own rows, an outage is a 503, and the end closes the pool", async () => {
  const port = String(await findFreePort());
  const example = await start("next-drizzle-rls", { PORT: port });
  await waitFor(() => example.output().includes("Ready in"), {
    timeoutMs: 240_000,
    what: "the built server",
  });
  const as = (tenant: string, path = "/", init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { cookie: `tenant=${tenant}` } });
  const add = (tenant: string, title: unknown) =>
    as(tenant, "/api/documents", { method: "POST", body: JSON.stringify({ title }) });

  expect((await add(ACME, "Lease")).status).toBe(201);
  expect((await add(OTHER, "Floor plan")).status).toBe(201);
  expect((await add(ACME, "")).status).toBe(400);
  expect((await add("nobody", "Lease")).status).toBe(401);
  const page = async (tenant: string) => (await (await as(tenant)).text()).match(/<li>.*?<\/li>/g);
  expect([await page(ACME), await page(OTHER)]).toEqual([["<li>Lease</li>"], ["<li>Floor plan</li>"]]);
  expect((await as(ACME, "/api/health/ready")).status).toBe(200);

  await example.outage(async () => {
    const away = await add(ACME, "Lost");
    expect([away.status, await away.json()]).toEqual([503, { error: "not_accepting" }]);
  });
  expect((await add(ACME, "Deed")).status).toBe(201);
  await example.end();
  expect(await example.backends()).toEqual([]);
}, 360_000);

test("next-drizzle-rls: a save under next dev evaluates the module anew, which finds the same pool", async () => {
  const port = String(await findFreePort());
  const example = await start("next-drizzle-rls", { PORT: port }, "dev");
  await waitFor(() => example.output().includes("Ready in"), { timeoutMs: 60_000, what: "the server" });
  const page = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie: `tenant=${ACME}` } });
    return response.text();
  };
  expect(await page()).toContain("<ul></ul>");
  const before = await example.backends();
  const file = join(example.cwd, "lib/database.ts");
  const source = readFileSync(file, "utf8");
  undo.push(async () => writeFileSync(file, source));
  for (const save of ["first", "second"]) {
    writeFileSync(file, `${source}\nconsole.log("evaluated at the ${save} save");\n`);
    const evaluated = async () => {
      await page();
      return example.output().includes(`evaluated at the ${save} save`);
    };
    await waitFor(evaluated, { timeoutMs: 20_000, what: `the ${save} save` });
  }
  expect(before.length).toBeGreaterThan(0);
  expect(await example.backends()).toEqual(before);
}, 120_000);
