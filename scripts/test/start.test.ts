import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createTenantDatabase } from "@openhouse/db/test-support/database";
import { findFreePort, isPortFree, waitFor } from "@openhouse/pool-testing";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { endAllScripts, newPostgresDirectory, runScript } from "./support/script.ts";

const METRICS_TOKEN = "0123456789abcdef0123456789abcdef";
const READY = "Stop: Ctrl-C.";
/** The first start builds both portals, unless they are built. */
const WITH_BUILDS_MS = 240_000;

let place: ReturnType<typeof newPostgresDirectory>;
let env: Record<string, string>;
let ports: number[];
beforeAll(async () => {
  place = newPostgresDirectory();
  ports = [await findFreePort(), await findFreePort()];
  env = {
    EMBEDDED_POSTGRES_DIR: place.path,
    DEVELOPER_PORTAL_PORT: String(ports[0]),
    TENANT_PORTAL_PORT: String(ports[1]),
  };
});
afterEach(endAllScripts);
afterAll(() => place.remove());

const health = async (port: number | undefined) =>
  (await fetch(`http://127.0.0.1:${port}/api/health/db`)).status;

/** Of the embedded server, from the file that Postgres keeps. */
function postgresPort(): number {
  return Number(readFileSync(join(place.path, "dev", "data", "postmaster.pid"), "utf8").split("\n")[3]);
}

async function expectAllGone(postgres: number[]): Promise<void> {
  for (const port of [...ports, ...postgres]) {
    await waitFor(() => isPortFree(port), { timeoutMs: 15_000, what: `port ${port} to be free` });
  }
}

test(
  "one command brings everything up, SIGTERM takes all of it down",
  async () => {
    const start = runScript("start", env);
    await start.says(READY, WITH_BUILDS_MS);

    expect(await Promise.all(ports.map(health))).toEqual([200, 200]);
    const output = start.output();
    for (const port of ports) expect(output).toContain(`http://localhost:${port}`);
    expect(output).toContain(join(place.path, "dev", "data"));
    expect(output).toMatch(/^jobs +\| runs \d+ jobs of http/m);
    expect(output).toMatch(/Harbour & Vale Homes +\S+@\S+ +\S+ +developer/);
    const links = output.match(/http:\/\/localhost:\d+\/onboard\/\w+/g) ?? [];
    expect(links).toHaveLength(2); // one for each company
    const landing = await fetch(links[0]?.replace("localhost", "127.0.0.1") ?? "");
    expect(landing.status).toBe(200);

    const second = runScript("start", env);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`Port ${ports[0]} is in use`);
    expect(second.output()).toContain("DEVELOPER_PORTAL_PORT=");
    expect(await Promise.all(ports.map(health))).toEqual([200, 200]);

    const seed = runScript("db-seed", env);
    expect(await seed.ended, seed.output()).toBe(0);

    const postgres = postgresPort();
    start.signal("SIGTERM");
    expect(await start.ended, start.output()).toBe(0);
    await expectAllGone([postgres]);
  },
  WITH_BUILDS_MS + 60_000,
);

test(
  "killed with -9 it leaves nothing behind, and the next start works",
  async () => {
    const first = runScript("start", env);
    await first.says(READY, WITH_BUILDS_MS);
    const postgres = postgresPort();
    first.signal("SIGKILL");
    await first.ended;
    await expectAllGone([postgres]);

    const second = runScript("start", env);
    await second.says(READY, WITH_BUILDS_MS);
    expect(await Promise.all(ports.map(health))).toEqual([200, 200]);
    second.signal("SIGINT");
    second.signal("SIGTERM"); // so close to the first that it is the same wish, as npm passes Ctrl-C on
    expect(await second.ended).toBe(0);
    await expectAllGone([]);
  },
  WITH_BUILDS_MS + 60_000,
);

test(
  "--replicas brings up replicas beside the primary, which the portals read from, and takes them down",
  async () => {
    const start = runScript("start", { ...env, METRICS_TOKEN }, ["--replicas", "2"]);
    await start.says(READY, WITH_BUILDS_MS);
    const serving = async () => {
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      const metrics = await (await fetch(`http://127.0.0.1:${ports[1]}/api/metrics`, { headers })).text();
      return [...metrics.matchAll(/^openhouse_replica_serves\{replica="[\d.]+:(\d+)"\} 1$/gm)].map(
        ([, port]) => Number(port),
      );
    };
    const replicas = await waitFor(
      async () => {
        const found = await serving();
        return found.length === 2 && found;
      },
      { timeoutMs: 15_000, what: "both replicas to serve" },
    );
    const postgres = postgresPort();
    start.signal("SIGTERM");
    expect(await start.ended, start.output()).toBe(0);
    await expectAllGone([postgres, ...replicas]);
  },
  WITH_BUILDS_MS + 60_000,
);

test(
  "over DATABASE_URL: nothing is added; a portal that dies is told and ends all",
  async () => {
    const database = await createTenantDatabase();
    onTestFinished(() => database.drop());
    const start = runScript("start", {
      ...env,
      EMBEDDED_POSTGRES_DIR: join(place.path, "secrets-only"),
      DATABASE_URL: database.appUrl,
      DATABASE_URL_OWNER: database.ownerUrl,
      DB_DRAIN_MS: "0",
    });
    await start.says(READY, WITH_BUILDS_MS);
    expect(start.output()).toContain("no demo data is added to the server of DATABASE_URL");
    expect(start.output()).not.toContain("embedded");
    expect(start.output()).not.toContain(new URL(database.appUrl).password);

    process.kill(portalPid("tenant-portal", ports[1]), "SIGKILL");
    expect(await start.ended).toBe(1);
    expect(start.output()).toContain("The tenant portal ended by itself (exit code 137)");
    await expectAllGone([]);
  },
  WITH_BUILDS_MS + 60_000,
);

test("a port of a portal that another program has is told before anything starts, each with its variable", async () => {
  const squatter = createServer().listen(ports[1], "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const start = runScript("start", { ...env, EMBEDDED_POSTGRES_DIR: join(place.path, "unused") });
  expect(await start.ended).toBe(1);
  expect(start.output()).toContain(`Port ${ports[1]} is in use`);
  expect(start.output()).toContain("TENANT_PORTAL_PORT=");
  expect(start.output()).not.toContain("DEVELOPER_PORTAL_PORT=");
  expect(squatter.listening).toBe(true);
  await new Promise((resolve) => squatter.close(resolve));
});

test("ports that are no ports are told, all in one", async () => {
  const start = runScript("start", { DEVELOPER_PORTAL_PORT: "http", TENANT_PORTAL_PORT: "70000" });
  expect(await start.ended).toBe(1);
  expect(start.output()).toContain(
    'DEVELOPER_PORTAL_PORT must be a port from 1 to 65535, such as 3000; it is "http"',
  );
  expect(start.output()).toContain("TENANT_PORTAL_PORT must be");
});

/** The portal's own process: the child of a shell that guards it. */
function portalPid(name: string, port: number | undefined): number {
  const lines = execFileSync("ps", ["-ww", "-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const processes = lines.map((line) => {
    const [, pid = "", parent = "", args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid, parent, args };
  });
  const guards = processes.filter(
    ({ args }) => args.includes("guard TERM") && args.includes(`--port ${port}`),
  );
  const isGuarded = (parent: string) => guards.some(({ pid }) => pid === parent);
  const portal = processes.find(({ parent, args }) => isGuarded(parent) && args.startsWith("next-server"));
  if (portal === undefined) throw new Error(`No process of the ${name} at port ${port} was found.`);
  return Number(portal.pid);
}
