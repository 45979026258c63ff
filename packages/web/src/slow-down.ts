import { setTimeout as sleep } from "node:timers/promises";
import { processGlobal } from "@openhouse/pool/process";
import { WorkLimit } from "./work-limit.ts";

/** Wrong passwords of an account, from wherever, after which each further attempt waits. */
const FREE = 10;
const FIRST_MS = 500;
const LONGEST_MS = 8_000;
/** Attempts after which the wait doubles. */
const STEP = 5;

/** Each holds a request open, and nothing else. */
const waits = processGlobal("web/slow-down", () => new WorkLimit({ atOnce: 1_000, maxWaiting: 0 }));

/** How long the attempt waits that is the `count`th of an account: a little at first, never more than 8 s. */
export function waitMsFor(count: number): number {
  if (count <= FREE) return 0;
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.floor((count - FREE - 1) / STEP));
}

/**
 * Has an attempt wait, instead of refusing it: whoever guesses loses time, and the account's owner a moment.
 *
 * @throws {TooBusyError} a thousand wait.
 */
export async function slowDown(count: number): Promise<void> {
  const waitMs = waitMsFor(count);
  if (waitMs > 0) await waits.run(() => sleep(waitMs));
}
