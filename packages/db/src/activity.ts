import { healthCheck } from "./client.ts";
import { lastActivity, type ServerActivity } from "./last-activity.ts";
import { readActivity } from "./read-activity.ts";
import { openResources } from "./resources.ts";

/** A reading serves whoever looks for so long, in milliseconds. */
const EVERY_MS = 3_000;
/** One that is older says what was, in milliseconds: three in a row have failed. */
const STALE_MS = 10_000;

/** The last reading, and whether the server could not be read since. */
export interface KnownActivity extends ServerActivity {
  readonly isStale: boolean;
}

/**
 * Who waits for whose lock, and transactions that last: by the last reading, of which one is begun here every three seconds at
 * most. Waits for nothing, and takes no connection of the pool: it is read over the health probe's, between two probes.
 *
 * @returns null where nothing was read yet.
 */
export function databaseActivity(): KnownActivity | null {
  const nowMs = performance.now();
  if (!lastActivity.isUnderWay && nowMs - lastActivity.begunAtMs >= EVERY_MS) {
    lastActivity.begunAtMs = nowMs;
    void read();
  }
  const { activity } = lastActivity;
  return activity === undefined ? null : { ...activity, isStale: Date.now() - activity.atMs > STALE_MS };
}

/**
 * For whoever looks less often than a reading is fresh, such as a scrape: the last one, and as {@link databaseActivity} it begins
 * the next.
 *
 * @returns null where nothing was read yet, or the last attempt has read nothing.
 */
export function lastDatabaseActivity(): ServerActivity | null {
  const activity = databaseActivity();
  return lastActivity.hasFailed ? null : activity;
}

async function read(): Promise<void> {
  lastActivity.isUnderWay = true;
  try {
    await healthCheck(); // opens the connection
    const resources = openResources();
    const activity = await resources?.probe.askBetween(readActivity);
    if (resources !== openResources()) return;
    lastActivity.hasFailed = activity === undefined;
    if (activity !== undefined) lastActivity.activity = activity;
  } catch {
    // It stays as it was: why the database does not answer is what health says.
    lastActivity.hasFailed = true;
  } finally {
    lastActivity.isUnderWay = false;
  }
}
