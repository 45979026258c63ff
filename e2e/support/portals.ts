import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { migrate } from "@openhouse/db/migrate";
import { type SeedResult, seed } from "@openhouse/db/seed";
import { signingFor } from "@openhouse/db/signing";
import { type EmbeddedPostgres, findFreePort, startEmbeddedPostgres, waitFor } from "@openhouse/pool-testing";
import { type LocalExecutor, startLocalExecutor } from "@openhouse/tooling/jobs-executor/local-executor";
import { NO_QUOTAS } from "@openhouse/tooling/portals/running-portal";

const NEXT = createRequire(import.meta.url).resolve("next/dist/bin/next");
export const SECRET = "end-to-end tests sign their sessions with this";
// The portals have to find what the tests add, and to know the sessions that they sign.
process.env.AUTH_SECRET = SECRET;

/** How many times faster than the clock jobs wait. */
const JOBS_HURRY = 600;

/** Both portals, built, on a database of their own with the example data. */
export interface Portals {
  readonly developer: Portal;
  readonly tenant: Portal;
  readonly postgres: EmbeddedPostgres;
  /** As the portals connect. */
  readonly appUrl: string;
  readonly seeded: SeedResult;
  /** Runs the tenant portal's jobs; ten minutes pass in a second. */
  readonly jobs: LocalExecutor;
  stop(): Promise<void>;
}

export interface Portal {
  readonly url: string;
  /** Everything it has written so far. */
  output(): string;
  readonly process: ChildProcess;
}

export async function startPortals(): Promise<Portals> {
  const postgres = await startEmbeddedPostgres({ name: "e2e", temporary: true });
  const onError: (() => Promise<unknown>)[] = [() => postgres.stop()];
  try {
    const ownerUrl = postgres.url;
    const app = new URL(ownerUrl);
    app.username = "openhouse_app";
    app.password = "end-to-end";
    await migrate({ ownerUrl, appUrl: app.href });
    const seeded = await seed({ appUrl: app.href });
    const tenantPort = await findFreePort();
    const jobs = await startLocalExecutor({
      serveUrl: `http://127.0.0.1:${tenantPort}/api/inngest`,
      hurry: JOBS_HURRY,
      pollEveryMs: 100,
    });
    onError.push(jobs.stop);
    const settings = { DATABASE_URL: app.href, ...jobs.environment };
    const tenant = await startPortal("tenant-portal", settings, tenantPort);
    onError.push(() => end(tenant));
    const developer = await startPortal("developer-portal", { ...settings, TENANT_PORTAL_URL: tenant.url });
    await jobs.register();
    const stop = async () => {
      await jobs.stop();
      await Promise.all([end(developer), end(tenant)]);
      await postgres.stop();
    };
    return { developer, tenant, postgres, appUrl: app.href, seeded, jobs, stop };
  } catch (error) {
    for (const undo of onError.reverse()) await undo();
    throw error;
  }
}

/** Starts a built portal and waits until it is ready. @param port a free one by default. */
export async function startPortal(
  name: string,
  settings: Record<string, string> & { readonly DATABASE_URL: string },
  port?: number,
): Promise<Portal> {
  const directory = fileURLToPath(new URL(`../../apps/${name}/`, import.meta.url));
  if (!existsSync(`${directory}.next/BUILD_ID`)) throw new Error(`${name} is not built: npm run build`);
  const ownPort = String(port ?? (await findFreePort()));
  const url = `http://localhost:${ownPort}`;
  const child = spawn(process.execPath, [NEXT, "start", "--hostname", "127.0.0.1", "--port", ownPort], {
    cwd: directory,
    env: {
      ...process.env,
      NODE_ENV: "production",
      AUTH_SECRET: SECRET,
      PUBLIC_URL: url,
      DB_DRAIN_MS: "0",
      DB_POOL_MAX: "5",
      TENANT_SIGNING_KEY: signingFor(settings.DATABASE_URL).signingKey,
      ...NO_QUOTAS,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  await waitFor(async () => (await fetch(`${url}/api/health/ready`)).status === 200, {
    timeoutMs: 60_000,
    what: `${name} to be ready`,
  }).catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`${name} did not start:\n${text}`, { cause: error });
  });
  return { url, output: () => text, process: child };
}

/** Ends a portal in an orderly way. */
export async function end({ process: child }: Portal): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}
