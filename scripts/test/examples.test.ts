import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asSuperuser, createTestDatabase, findFreePort, waitFor } from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { installExample } from "../support/installed-example.ts";
import { packPool } from "../support/packed-pool.ts";

let directory: string;
let tarball: string;
beforeAll(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), "examples-test-"));
  tarball = packPool(directory);
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

/** An example that runs on a database of its own, started by the command of its package. */
async function start(name: string, env: Record<string, string> = {}) {
  const cwd = await installExample(name, directory, tarball);
  const database = await createTestDatabase();
  undo.push(() => database.drop());
  const child: ChildProcess = spawn("npm", ["start", "--silent"], {
    cwd,
    env: { ...process.env, NODE_ENV: "production", DATABASE_URL: `${database.url}?sslmode=disable`, ...env },
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
    output: () => printed,
    query: <Row>(text: string) =>
      asSuperuser(database.url, async (client) => (await client.query(text)).rows as Row[]),
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
