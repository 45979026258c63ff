import { asSuperuser, findFreePort, isPortFree, waitFor } from "@openhouse/pool-testing";
import { expect, onTestFinished } from "vitest";
import { Crowd } from "../support/crowd.ts";
import { type NpmProcess, spawnNpm } from "../support/npm-portal.ts";
import { lockTable } from "../support/table-lock.ts";
import { Visitor } from "../support/visitor.ts";
import { POOL_MAX, test, untilNoBackend } from "./fixture.ts";

const TEST_MS = 120_000;
const WORKERS = 2;
const DRAIN_MS = 500;
const VISITORS = 6;

interface Process {
  readonly portal: string;
  readonly id: string;
  readonly pid: number;
}

interface ShownRow {
  readonly isReachable: boolean;
  readonly figures: { readonly process: { id: string; portal: string; instance: string } } | null;
}

/** `npm start -- --workers 2` on the server of the tests; the end of the test is its end too. */
async function startWorkers(settings: Record<string, string>, serverUrl: string) {
  const ports = { developer: await findFreePort(), tenant: await findFreePort() };
  const npm: NpmProcess = spawnNpm(["start", "--", "--workers", String(WORKERS)], {
    ...settings,
    DATABASE_URL_OWNER: serverUrl,
    DEVELOPER_PORTAL_PORT: String(ports.developer),
    TENANT_PORTAL_PORT: String(ports.tenant),
  });
  onTestFinished(async () => {
    await npm.kill();
    await untilNoBackend(serverUrl);
  });
  const isThere = () => !npm.lives() || npm.output().includes("Stop: Ctrl-C");
  await waitFor(isThere, { timeoutMs: 90_000, what: "npm start" }).catch((error) => {
    throw new Error(npm.output(), { cause: error });
  });
  const originOf = (which: keyof typeof ports) => `http://127.0.0.1:${ports[which]}`;
  return { npm, ports, developer: originOf("developer"), tenant: originOf("tenant") };
}

/** The processes that the Database page shows, as far as they answer. */
async function shownProcesses(origin: string, cookie: string): Promise<Process[]> {
  const visitor = new Visitor(origin, cookie);
  const { status, body } = await visitor.get("/api/database").finally(() => visitor.leave());
  if (status !== 200) throw new Error(`status ${status}: ${body}`);
  const { rows }: { rows: ShownRow[] } = JSON.parse(body);
  return rows.flatMap(({ isReachable, figures }) => {
    if (!isReachable || figures === null) return [];
    const { id, portal, instance } = figures.process;
    return [{ portal, id, pid: Number(instance.split(":").at(-1)) }];
  });
}

test("--workers 2: four processes share two ports; one that dies or is restarted is replaced, and SIGTERM drains all", {
  timeout: TEST_MS,
}, async ({ of }) => {
  const { subject, serverUrl, settings } = of("developer");
  const { npm, ports, developer } = await startWorkers(settings(DRAIN_MS), serverUrl);
  const cookie = await subject.signIn(developer);
  const processes = () => shownProcesses(developer, cookie);
  const visits = await subject.visits(developer, cookie);

  // Each has a name of its own, on the page and on the server.
  const first = await processes();
  expect(first.map(({ portal }) => portal).sort()).toEqual(["developer", "developer", "tenant", "tenant"]);
  expect(new Set(first.map(({ id }) => id)).size).toBe(2 * WORKERS);
  const names = await applicationNames(serverUrl);
  for (const { portal, pid } of first) {
    expect(names).toContainEqual(expect.stringMatching(new RegExp(`^openhouse/${portal}@.*-${pid}$`)));
  }

  // Killed: the rest goes on, and another one comes.
  const victim = first.find(({ portal }) => portal === "developer");
  process.kill(victim?.pid ?? 0, "SIGKILL");
  const isReplaced = (old: Process | undefined) => async () => {
    const now = await processes();
    return now.length === first.length && now.every(({ id }) => id !== old?.id);
  };
  await waitFor(isReplaced(victim), { timeoutMs: 20_000, intervalMs: 100, what: "another worker" });
  expect(npm.output().match(/"event":"web\.worker_ended".*/g)).toEqual([
    expect.stringMatching(
      new RegExp(`"worker":[12],"pid":${victim?.pid},"signal":"SIGKILL","restartInMs":250`),
    ),
  ]);

  // Told to end, one after the other, under load: nobody notices.
  const crowd = new Crowd(developer, cookie, visits, VISITORS, 20);
  crowd.start();
  for (const old of (await processes()).filter(({ portal }) => portal === "developer")) {
    process.kill(old.pid, "SIGTERM");
    await waitFor(isReplaced(old), { timeoutMs: 20_000, intervalMs: 100, what: "another worker" });
  }
  crowd.stop();
  await crowd.gone();
  expect(crowd.failures).toEqual([]);
  expect(crowd.answers.length).toBeGreaterThan(10 * VISITORS);

  // All at once: what is under way is finished.
  const lock = await lockTable(serverUrl, "sessions", "access exclusive");
  // As many as one worker has connections: they may all have come to the same.
  const visitors = Array.from({ length: POOL_MAX }, () => new Visitor(developer, cookie));
  const answers = Promise.all(visitors.map((visitor) => visitor.get("/").finally(() => visitor.leave())));
  await waitFor(async () => (await lock.blocked()) === visitors.length, { what: "requests to be under way" });
  npm.signal("SIGTERM", "npm");
  await waitFor(() => (npm.output().match(/"event":"web\.draining"/g)?.length ?? 0) === 2 * WORKERS + 2, {
    what: "all workers to drain, and the two before",
  });
  await lock.release();
  expect((await answers).map(({ status }) => status)).toEqual(visitors.map(() => 200));
  expect(await npm.ended, npm.output()).toEqual({ code: 0, signal: null });
  for (const port of Object.values(ports)) expect(await isPortFree(port)).toBe(true);
  await untilNoBackend(serverUrl);
});

test("workers of an npm start that was killed end with it", { timeout: TEST_MS }, async ({ of }) => {
  const { subject, serverUrl, settings } = of("developer");
  const { npm, ports, developer } = await startWorkers(settings(0), serverUrl);
  const pids = (await shownProcesses(developer, await subject.signIn(developer))).map(({ pid }) => pid);
  expect(pids).toHaveLength(2 * WORKERS);
  npm.signal("SIGKILL", "group");
  const areGone = async () => {
    const free = await Promise.all(Object.values(ports).map(isPortFree));
    return free.every(Boolean) && !pids.some(isAlive);
  };
  await waitFor(areGone, { timeoutMs: 15_000, what: "ports and processes to be gone" });
});

test("workers that cannot start end npm start, once and with the reason", { timeout: TEST_MS }, async ({
  of,
}) => {
  const { serverUrl, settings } = of("developer");
  const { npm } = await startWorkers({ ...settings(0), TRUST_PROXY: "perhaps" }, serverUrl);
  expect((await npm.ended).code).toBe(1);
  expect(npm.output()).toContain("ended while it started");
  expect(npm.output()).toContain("TRUST_PROXY is");
  expect(npm.output()).not.toContain("web.worker_ended");
});

async function applicationNames(serverUrl: string): Promise<string[]> {
  const backends =
    "select distinct application_name as name from pg_stat_activity where usename = 'openhouse_app'";
  return asSuperuser(serverUrl, async (client) =>
    (await client.query<{ name: string }>(backends)).rows.map(({ name }) => name),
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
