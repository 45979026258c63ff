import { AuthSecretError, authSecret } from "@openhouse/db/auth-secret";
import {
  databaseContext,
  databaseSettings,
  getDatabaseResources,
  getPoolStats,
  nameProcess,
} from "@openhouse/db/client";
import { PoolConfigError } from "@openhouse/pool";
import { trustProxyFaults } from "./client-address.ts";
import { currentRoute, followRequests } from "./current-response.ts";
import { drainOnSignals } from "./drain.ts";
import { startRecording } from "./figures/own-recorder.ts";
import { peerFaults } from "./figures/peers.ts";
import { gateOf } from "./gate.ts";
import { installJsonConsole, reportRequestError } from "./json-console.ts";
import { log } from "./log.ts";
import { metricsTokenFaults } from "./metrics.ts";
import { publicUrlFaults } from "./public-url.ts";
import { quotaFaults } from "./quotas.ts";
import { serverVersion } from "./server-version.ts";
import type { Portal } from "./session-token.ts";

export { reportRequestError };

/**
 * Prepares a portal's process, once, before it serves: checks the settings, follows requests, opens the
 * pool's first connections in the background, and sees to an orderly end. A database that is away does not
 * keep a portal from starting: health says so.
 *
 * Import it and call it inside of `if (process.env.NEXT_RUNTIME === "nodejs")` in `instrumentation.ts`; with
 * an early return instead, Next builds this for the edge runtime too and warns.
 *
 * Wrong settings, which no retry mends, end the process with status 1 and one message that lists every fault.
 *
 * @param ownFaults what is wrong with the settings that only this portal reads.
 */
export async function startPortal(portal: Portal, ownFaults: readonly string[] = []): Promise<void> {
  const isProduction = process.env.NODE_ENV === "production";
  if (isProduction) installJsonConsole();
  const { faults: sharedFaults, drainMs } = checkSettings();
  const faults = [...sharedFaults, ...ownFaults];
  if (faults.length > 0) {
    if (isProduction) log.error("web.cannot_start", { portal, faults });
    else console.error(`This portal cannot start:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    // Next would stay, answer every request with 500, and print a thrown error again each time.
    process.exit(1);
  }
  outliveReaders();
  followRequests(gateOf(portal));
  nameProcess(portal, currentRoute);
  // `next dev` has a parent, a bundler and a lock to end: there the signals stay Next's.
  if (isProduction) drainOnSignals(drainMs);
  startRecording(portal);
  void tellStart(portal, drainMs);
}

async function tellStart(portal: Portal, drainMs: number): Promise<void> {
  const { pool } = getDatabaseResources(); // making the pool starts its first connections, and nobody waits for them
  const { max, min } = getPoolStats();
  const version = await serverVersion(pool);
  log.info("web.started", {
    portal,
    drainMs,
    max,
    min,
    ...databaseContext(),
    ...(version === undefined ? {} : { serverVersion: version }),
    node: process.version,
  });
}

/** A log whose reader is gone must not be the end of the portal, nor a loop of errors about the log. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

function checkSettings(): { faults: readonly string[]; drainMs: number } {
  const faults: string[] = [];
  const check = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (error instanceof PoolConfigError) faults.push(...error.faults);
      else if (error instanceof AuthSecretError) faults.push(error.message);
      else throw error;
      return undefined;
    }
  };
  check(authSecret);
  const drainMs = check(() => databaseSettings().drainMs) ?? 0;
  return {
    drainMs,
    faults: [
      ...faults,
      ...trustProxyFaults(),
      ...publicUrlFaults(),
      ...quotaFaults(),
      ...metricsTokenFaults(),
      ...peerFaults(),
    ],
  };
}
