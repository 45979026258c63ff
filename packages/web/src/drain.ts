import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { beginDraining, closePool, takeOverSignals } from "@openhouse/db/client";
import { describeError } from "@openhouse/pool";
import { type EndSignal, onSignals } from "@openhouse/pool/process";
import { openExchanges, stopKeepAlive } from "./current-response.ts";
import { log } from "./log.ts";
import { pendingWorkCount, pendingWorkDone } from "./pending-work.ts";

/** Orchestrators kill after 30 s; what is left over is for the exit itself. */
const TOTAL_MS = 28_000;
const CLOSE_POOL_MS = 5_000;
const LONGEST_REQUEST_MS = 15_000;
/** Kept for what a request still owes the database when it was cut. */
const OWED_WORK_MS = 1_000;
/** For connections that have asked for nothing, such as those that browsers open ahead of time. */
const SILENT_MS = 1_000;
const LOOK_MS = 50;
/** As many connections as the kernel keeps for Node until they are accepted. */
const LISTEN_BACKLOG = 511;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Takes SIGTERM and SIGINT over from Next: health answers 503 at once, requests go on being served for
 * `drainMs`, then no new ones are accepted, those under way finish, and so does what they owe
 * (`waitUntil`); the pool closes, and the process exits with 0, all within 28 s. A second signal exits
 * at once, but within a second of the first it is the same one.
 *
 * Next's own listeners call `server.close()` first, so a load balancer would see refused connections instead
 * of a 503, and they exit without waiting for the pool; that is why they are removed. Next registers them
 * before `instrumentation.ts` runs. What goes with them is the wait for `after()` callbacks: portals finish
 * their work before they answer.
 *
 * @param drainMs how long to go on serving after the signal, in milliseconds: longer than a load balancer
 * takes to notice.
 */
export function drainOnSignals(drainMs: number): void {
  takeOverSignals();
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  onSignals(SIGNALS, (signal) => void drainAndExit(signal, drainMs));
}

async function drainAndExit(signal: EndSignal, drainMs: number): Promise<void> {
  const startedAt = performance.now();
  beginDraining();
  stopKeepAlive();
  log.info("web.draining", { signal, drainMs, requestsUnderWay: openExchanges().responses.length });
  await sleep(Math.min(drainMs, TOTAL_MS - CLOSE_POOL_MS));
  await readArrivals();
  const leftMs = () => Math.max(0, TOTAL_MS - CLOSE_POOL_MS - (performance.now() - startedAt));
  const cut = await closeServers(Math.min(Math.max(0, leftMs() - OWED_WORK_MS), LONGEST_REQUEST_MS));
  await Promise.race([pendingWorkDone(), sleep(leftMs())]);
  const workCut = pendingWorkCount();
  const closed = await closePool({ timeoutMs: CLOSE_POOL_MS }).then(
    () => true,
    (error: unknown) => {
      log.error("web.pool_not_closed", { ...describeError(error) });
      return false;
    },
  );
  log.info("web.drained", {
    requestsCut: cut,
    workCut,
    durationMs: Math.round(performance.now() - startedAt),
  });
  process.exit(closed ? 0 : 1);
}

/**
 * Reads the requests that have reached this machine. After a busy or frozen moment the timer that ends the window
 * comes before them, and closing would reset their connections, unread.
 */
async function readArrivals(): Promise<void> {
  // Node may accept a single connection each turn of its event loop.
  for (let turn = 0; turn < LISTEN_BACKLOG; turn++) await nextTurn();
}

/** Stops accepting and waits for the requests under way; returns how many had to be cut at the deadline. */
async function closeServers(timeoutMs: number): Promise<number> {
  // A server is known from its first request on; one without has nothing under way.
  const { servers } = openExchanges();
  const closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  let open = true;
  void closed.then(() => {
    open = false;
  });
  const deadline = performance.now() + timeoutMs;
  let silentUntil = performance.now() + SILENT_MS;
  while (open && performance.now() < Math.min(deadline, silentUntil)) {
    // Again and again: a connection whose answer left before the signal becomes idle later.
    for (const server of servers) server.closeIdleConnections();
    await Promise.race([closed, sleep(LOOK_MS)]);
    if (openExchanges().responses.length > 0) silentUntil = performance.now() + SILENT_MS;
  }
  if (!open) return 0;
  const cut = openExchanges().responses.length;
  for (const server of servers) server.closeAllConnections();
  return cut;
}
