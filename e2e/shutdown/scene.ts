import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { closeGate } from "../support/gate.ts";
import type { NpmPortal } from "../support/npm-portal.ts";
import { type Answer, Visitor } from "../support/visitor.ts";
import type { FilledForm, Subject } from "./subject.ts";

/** Few, so that requests queue for a connection. */
export const POOL_MAX = 3;
/** An orderly end takes no longer, in milliseconds; orchestrators kill then. */
export const DEADLINE_MS = 30_000;

/** What the tests of one portal work on. */
export interface Scene {
  readonly subject: Subject;
  /** As the superuser. */
  readonly serverUrl: string;
  /** Starts the portal through npm, with this DB_DRAIN_MS. The end of the test is its end too. */
  start(drainMs: number): Promise<NpmPortal>;
}

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
  { subject, serverUrl }: Scene,
  portal: NpmPortal,
  form: FilledForm,
  visitors: number,
): Promise<{ open(): Promise<Answer> }> {
  const writers = await closeGate(serverUrl, subject.tableOfForm, "share");
  const answer = form.send();
  answer.catch(() => {}); // whoever opens gets it
  const halfDone = async () => (await writers.heldUp()) === 1;
  await waitFor(halfDone, { timeoutMs: 15_000, what: "the write to be half done" });
  const readers = await closeGate(serverUrl, "sessions", "access exclusive");
  const allHeldUp = async () =>
    (await readers.heldUp()) === POOL_MAX - 1 &&
    (await health(portal)).waitingCount >= visitors + 1 - POOL_MAX;
  await waitFor(allHeldUp, {
    timeoutMs: 15_000,
    what: "everybody to be held up, most in the pool's queue",
  });
  return {
    async open() {
      await writers.open();
      await readers.open();
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
