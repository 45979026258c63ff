import { join } from "node:path";
import { AuthSecretError, authSecret } from "@openhouse/db/auth-secret";
import { environment } from "@openhouse/db/client";
import { signingFor } from "@openhouse/db/signing";
import { findFreePort, repositoryRoot } from "@openhouse/pool-testing";
import { type Interrupt, Interrupted, listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { speaker } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { assertPortsFree, type Portal, readPortals } from "@openhouse/tooling/portals/portals";
import { RunningPortal } from "@openhouse/tooling/portals/running-portal";
import { overBudget } from "./connection-budget.ts";
import { openDatabase, type ScriptDatabase, startReplicas } from "./database.ts";
import { startJobs } from "./jobs.ts";
import { prepareDatabase } from "./prepare.ts";
import { welcome } from "./welcome.ts";

const HEALTHY_WITHIN_MS = 120_000;
const SPEAKER_WIDTH = "developer-portal".length;

/**
 * Everything, in one go: database, migrations, demo data, both portals; until a signal ends it.
 * What was started is stopped in reverse order, however this ends.
 *
 * @param options.workers in how many processes each portal runs, behind its one port.
 * @param options.replicas how many standbys of the embedded server there are beside it.
 * @returns the exit code.
 */
export async function runPortals(mode: "start" | "dev", { workers = 1, replicas = 0 } = {}): Promise<number> {
  const portals = readPortals(process.env);
  const authSecret = readAuthSecret();
  await assertPortsFree(portals, mode === "start" ? "npm start" : "npm run dev");
  const interrupt = listenForSignals();
  const database = await openDatabase(speaker("database", SPEAKER_WIDTH));
  try {
    await runOn(database, mode, portals, { workers, replicas }, authSecret, interrupt);
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) return 0;
    throw error;
  } finally {
    await database.stop();
    console.log(database.embedded?.shared === false ? "Stopped; the database too." : "Stopped.");
  }
}

async function runOn(
  database: ScriptDatabase,
  mode: "start" | "dev",
  portals: readonly Portal[],
  { workers, replicas }: { workers: number; replicas: number },
  authSecret: string,
  interrupt: Interrupt,
): Promise<void> {
  const { aborted } = interrupt;
  const say = speaker("database", SPEAKER_WIDTH);
  say(database.description);
  const demo = await prepareDatabase(database, say);
  const warning = await overBudget(database, portals.length * workers);
  if (warning !== undefined) say(warning);
  aborted.throwIfAborted();
  if (mode === "start") {
    for (const portal of portals) await ensureBuild(portal, speaker(portal.name, SPEAKER_WIDTH), aborted);
  }
  const standbys = await startReplicas(database, replicas);
  if (replicas > 0) say(`${replicas} streaming ${replicas === 1 ? "replica" : "replicas"}`);
  const jobs = await startJobs(portals, process.env, speaker("jobs", SPEAKER_WIDTH));
  const running: RunningPortal[] = [];
  interrupt.onSecond(() => {
    for (const portal of running) portal.kill();
  });
  try {
    const shared = portalEnvironment(mode, database, portals);
    const env = {
      ...shared,
      ...jobs.environment,
      ...(replicas > 0 && { DATABASE_URL_REPLICAS: standbys.urls.join() }),
      AUTH_SECRET: authSecret,
    };
    const mailDir = mailFolder();
    const placed = await placeWorkers(portals, workers);
    for (const { portal, workerPorts } of placed) {
      // Without TLS, unless somebody says otherwise.
      const PUBLIC_URL = environment().PUBLIC_URL || portal.address;
      const others = placed.filter((other) => other.portal !== portal || workers > 1);
      const DATABASE_PAGE_PEERS =
        environment().DATABASE_PAGE_PEERS ?? others.flatMap(({ origins }) => origins).join();
      const own = { ...env, PUBLIC_URL, DATABASE_PAGE_PEERS, ...(mailDir && { MAIL_DIR: mailDir }) };
      const sayOwn = speaker(portal.name, SPEAKER_WIDTH);
      running.push(await RunningPortal.start(mode, portal, own, sayOwn, workerPorts));
    }
    await Promise.all(running.map((portal) => portal.untilHealthy(HEALTHY_WITHIN_MS, aborted)));
    await jobs.register();
    console.log(welcome(portals, database, demo, mailDir));
    await untilSomethingEnds(running, aborted);
  } finally {
    // First, so that no job is begun in a portal that is ending.
    await jobs.stop();
    const signal = aborted.reason instanceof Interrupted ? aborted.reason.signal : "SIGTERM";
    await Promise.all(running.map((portal) => portal.stop(signal)));
    await standbys.stop();
  }
}

interface PlacedPortal {
  readonly portal: Portal;
  /** None where it is one process, which has the portal's own port. */
  readonly workerPorts: readonly number[];
  /** Of each of its processes. */
  readonly origins: readonly string[];
}

/** Gives each worker a port of its own: behind the portal's nobody knows which of them answers. */
async function placeWorkers(portals: readonly Portal[], workers: number): Promise<PlacedPortal[]> {
  const taken = new Set(portals.map(({ port }) => port));
  const nextPort = async () => {
    let port = await findFreePort();
    while (taken.has(port)) port = await findFreePort();
    taken.add(port);
    return port;
  };
  const placed: PlacedPortal[] = [];
  for (const portal of portals) {
    const workerPorts: number[] = [];
    while (workers > 1 && workerPorts.length < workers) workerPorts.push(await nextPort());
    const origins = workers > 1 ? workerPorts.map((port) => `http://127.0.0.1:${port}`) : [portal.address];
    placed.push({ portal, workerPorts, origins });
  }
  return placed;
}

/** Never resolves: it throws what ends the run, a signal or the loss of a portal. */
async function untilSomethingEnds(running: readonly RunningPortal[], aborted: AbortSignal): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    if (aborted.aborted) reject(aborted.reason);
    aborted.addEventListener("abort", () => reject(aborted.reason), { once: true });
  });
  const lost = running.map(async ({ portal, ended }) => {
    const status = await ended;
    aborted.throwIfAborted(); // it ended because we are ending
    throw new UserError(
      `The ${portal.title.toLowerCase()} ended by itself (exit code ${status}); see above.`,
    );
  });
  await Promise.race([interrupted, ...lost]);
}

function portalEnvironment(
  mode: "start" | "dev",
  database: ScriptDatabase,
  portals: readonly Portal[],
): NodeJS.ProcessEnv {
  const { embedded, appUrl } = database;
  const tenantPortal = portals.find(({ name }) => name === "tenant-portal");
  const NODE_ENV = mode === "start" ? "production" : "development";
  const { signingKey: TENANT_SIGNING_KEY } = signingFor(appUrl);
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV, DATABASE_URL: appUrl, TENANT_SIGNING_KEY };
  env.TENANT_PORTAL_URL ||= tenantPortal?.address;
  // A portal has no use for the role that migrates.
  delete env.DATABASE_URL_OWNER;
  // No load balancer stands in front of the embedded server's portals, so nothing is gained by draining.
  if (embedded !== null) env.DB_DRAIN_MS ||= "0";
  return env;
}

/** Where mails are kept, a file each; undefined where somebody has set a server, or an address that is not this machine's. */
function mailFolder(): string | undefined {
  const { SMTP_URL, MAIL_DIR, PUBLIC_URL } = environment();
  if (SMTP_URL || MAIL_DIR || PUBLIC_URL) return MAIL_DIR || undefined;
  return join(repositoryRoot(), ".mails");
}

/** @throws {UserError} it is too short, or not set in production, where every instance must know the same one. */
function readAuthSecret(): string {
  try {
    return new TextDecoder().decode(authSecret());
  } catch (error) {
    if (error instanceof AuthSecretError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}
