import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { migrate } from "@openhouse/db/migrate";
import {
  asSuperuser,
  findFreePort,
  repositoryRoot,
  spawnGuarded,
  waitFor,
  withDatabase,
} from "@openhouse/pool-testing";
import type { Figures } from "./figures.ts";

const DATABASE = "bench_portals";
const LIMIT_MS = 30_000;
/** How often a starting portal is asked, in milliseconds: often enough to time it, too seldom to weigh on it. */
const POLL_MS = 10;

/** Starts a built portal, waits until its pool is warm, and ends it. @throws why it did not get there. */
export async function startPortal(
  name: string,
  minConnections: number,
  superuserUrl: string,
): Promise<Figures> {
  const directory = join(repositoryRoot(), "apps", name);
  if (!existsSync(join(directory, ".next", "BUILD_ID"))) throw new Error("not built: `npm run build` does");
  const url = await migratedDatabase(superuserUrl);
  const port = await findFreePort();
  const program = createRequire(join(directory, "package.json")).resolve("next/dist/bin/next");
  const beganMs = performance.now();
  const portal = await spawnGuarded({
    command: process.execPath,
    args: [program, "start", "--hostname", "127.0.0.1", "--port", String(port)],
    signal: "TERM",
    cwd: directory,
    env: environment(url, minConnections),
    output: "pipe",
  });
  let said = "";
  portal.output?.on("data", (chunk) => {
    said += String(chunk);
  });
  let ended = false;
  void portal.exited.then(() => {
    ended = true;
  });
  const untilOrEnded = async (done: () => Promise<boolean>, what: string) => {
    await waitFor(async () => ended || (await done()), limits(what));
    if (ended) throw new Error(`${name} ended: ${said.slice(-300)}`);
  };
  try {
    const sinceMs = () => performance.now() - beganMs;
    await untilOrEnded(async () => (await health(port)) !== undefined, "the portal to answer");
    const answerMs = sinceMs();
    await untilOrEnded(async () => ((await health(port)) ?? 0) >= minConnections, "its pool to be warm");
    return { answerMs, warmMs: sinceMs() };
  } finally {
    if (!ended) process.kill(portal.pid, "SIGKILL");
    await portal.exited;
  }
}

function limits(what: string) {
  return { timeoutMs: LIMIT_MS, intervalMs: POLL_MS, what };
}

/** @returns how many connections the pool has, once the database has answered. */
async function health(port: number): Promise<number | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/health/db`);
    const body: { poolStats: { totalCount: number } } = await response.json();
    return response.status === 200 ? body.poolStats.totalCount : undefined;
  } catch {
    return undefined; // it does not listen yet
  }
}

/** Nothing of the developer's own settings that matters gets in: a variable hides the one in `.env`. */
function environment(url: string, minConnections: number): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: url,
    DATABASE_URL_OWNER: url,
    DB_POOL_MIN: String(minConnections),
    AUTH_SECRET: "only for the bench, and long enough to be taken",
  };
}

let migrated: Promise<string> | undefined;

function migratedDatabase(superuserUrl: string): Promise<string> {
  migrated ??= (async () => {
    await asSuperuser(superuserUrl, (client) => client.query(`create database ${DATABASE}`));
    const ownerUrl = withDatabase(superuserUrl, DATABASE);
    const appUrl = new URL(ownerUrl);
    appUrl.username = "openhouse_bench_portal";
    appUrl.password = "only-on-loopback";
    await migrate({ ownerUrl, appUrl: appUrl.href });
    return appUrl.href;
  })();
  return migrated;
}
