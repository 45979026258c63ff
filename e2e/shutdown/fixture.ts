import { migrate } from "@openhouse/db/migrate";
import { seed } from "@openhouse/db/seed";
import { signingFor } from "@openhouse/db/signing";
import { asSuperuser, startEmbeddedPostgres, waitFor } from "@openhouse/pool-testing";
import { test as base, onTestFinished } from "vitest";
import { type NpmPortal, startThroughNpm } from "../support/npm-portal.ts";
import { SECRET } from "../support/portals.ts";
import { lockTable } from "../support/table-lock.ts";
import { type Answer, Visitor } from "../support/visitor.ts";
import { developerPortal } from "./developer.ts";
import type { FilledForm, Subject } from "./subject.ts";
import { tenantPortal } from "./tenant.ts";

/** Few, so that requests queue for a connection. */
export const POOL_MAX = 3;
/** An orderly end takes no longer, in milliseconds; orchestrators kill then. */
export const DEADLINE_MS = 30_000;

/** What a supervisor sends to each portal. */
export const EACH_SIGNAL = [
  ["developer", "SIGTERM"],
  ["developer", "SIGINT"],
  ["tenant", "SIGTERM"],
  ["tenant", "SIGINT"],
] as const;

/** What the tests of one portal work on. */
export interface Context {
  readonly subject: Subject;
  /** As the superuser. */
  readonly serverUrl: string;
  /** What it is started with, and this DB_DRAIN_MS. */
  settings(drainMs: number): Record<string, string>;
  /** Starts the portal through npm, with this DB_DRAIN_MS. The end of the test is its end too. */
  start(drainMs: number): Promise<NpmPortal>;
}

/** How a portal ends that was started as in production: through npm, on a database that can be made to wait. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads off the pattern what a fixture needs
  .extend("database", { scope: "worker" }, async ({}, { onCleanup }) => {
    const postgres = await startEmbeddedPostgres({ name: "e2e-shutdown", temporary: true });
    onCleanup(() => postgres.stop());
    const app = new URL(postgres.url);
    app.username = "openhouse_app";
    app.password = "end-to-end";
    await migrate({ ownerUrl: postgres.url, appUrl: app.href });
    return { serverUrl: postgres.url, appUrl: app.href, seeded: await seed({ appUrl: app.href }) };
  })
  .extend("of", { scope: "worker" }, ({ database: { serverUrl, appUrl, seeded } }) => {
    const subjects = {
      developer: developerPortal(serverUrl, seeded),
      tenant: tenantPortal(serverUrl),
    };
    const settings = (drainMs: number) => ({
      DATABASE_URL: appUrl,
      AUTH_SECRET: SECRET,
      PUBLIC_URL: "http://localhost",
      TENANT_SIGNING_KEY: signingFor(appUrl).signingKey,
      DB_DRAIN_MS: String(drainMs),
      DB_POOL_MAX: String(POOL_MAX),
      // Requests wait as long as a test holds them up; none is shed.
      DB_POOL_MAX_WAITING: "500",
      DB_POOL_CONN_TIMEOUT_MS: "25000",
    });
    return (portal: keyof typeof subjects): Context => ({
      subject: subjects[portal],
      serverUrl,
      settings,
      async start(drainMs) {
        // All come from one address, and other tests have used its allowance.
        await asSuperuser(serverUrl, (client) => client.query("delete from rate_limits"));
        const started = await startThroughNpm(subjects[portal].workspace, settings(drainMs));
        onTestFinished(async () => {
          await started.kill();
          await untilNoBackend(serverUrl);
        });
        return started;
      },
    });
  });

/** One request on a connection of its own. */
export async function ask(portal: NpmPortal, path: string): Promise<Answer> {
  const visitor = new Visitor(portal.url);
  return visitor.get(path).finally(() => visitor.leave());
}

/** What /api/health/db says. */
export async function health(portal: NpmPortal) {
  const { status: httpStatus, body } = await ask(portal, "/api/health/db");
  const { status, poolStats } = JSON.parse(body);
  return { httpStatus, status, waitingCount: poolStats.waitingCount };
}

/**
 * Sends `form` and stops it in the middle of its write; then stops everybody who asks who is signed in, until
 * the pool's connections are all in use and the others wait for one. A page may wait for two connections at once, so
 * at least half of `visitors` are then waiting.
 */
export async function holdEverythingUp(
  { subject, serverUrl }: Context,
  portal: NpmPortal,
  form: FilledForm,
  visitors: number,
): Promise<{ release(): Promise<Answer> }> {
  const writers = await lockTable(serverUrl, subject.tableOfForm, "share");
  const answer = form.send();
  answer.catch(() => {}); // whoever releases gets it
  const halfDone = async () => (await writers.blocked()) === 1;
  await waitFor(halfDone, { timeoutMs: 15_000, what: "the write to be half done" });
  const readers = await lockTable(serverUrl, "sessions", "access exclusive");
  const allHeldUp = async () =>
    (await readers.blocked()) === POOL_MAX - 1 &&
    (await health(portal)).waitingCount >= visitors + 1 - POOL_MAX;
  await waitFor(allHeldUp, {
    timeoutMs: 15_000,
    what: "everybody to be held up, most in the pool's queue",
  });
  return {
    async release() {
      await writers.release();
      await readers.release();
      return answer;
    },
  };
}

/** Waits until the log says that the drain has begun. */
export async function untilDraining(portal: NpmPortal): Promise<void> {
  await waitFor(() => portal.logged("web.draining"), { what: "the drain to begin" });
}

/** Waits until the server has no connection of a portal. */
export async function untilNoBackend(serverUrl: string): Promise<void> {
  const count = "select from pg_stat_activity where usename = 'openhouse_app'";
  const none = () => asSuperuser(serverUrl, async (client) => (await client.query(count)).rowCount === 0);
  await waitFor(none, { what: "the portal's backends to be gone" });
}
