import type { SizeReason } from "../telemetry/stats.ts";

/** What the decision rests on: what is known of the fleet, and what was seen since the last look. */
export interface AutoSizeState {
  readonly max: number;
  readonly min: number;
  /** Open, or being opened. */
  readonly open: number;
  /** Processes that share `limit`, this one included; both generations while deploying. */
  readonly instances: number;
  /** Connections that all of them may have together. */
  readonly limit: number;
  /** Those that each of them has beside its pool's: the health probe's, and a look at each of several hosts. */
  readonly beside: number;
  /** The server has refused a connection, as there were too many (53300). */
  readonly wasRefused: boolean;
  /** How long all but a twentieth of the callers waited at most, in milliseconds: Infinity where some waited in vain. */
  readonly waitMs: number;
  /** How long half of the statements took at most, in milliseconds; undefined where there were too few to say. */
  readonly runMs: number | undefined;
  /** The least that was of late. */
  readonly leastRunMs: number | undefined;
  /** What `max` was, where the last look has made it larger. */
  readonly grownFrom: number | undefined;
  /** Nothing has yet shown how many are enough. */
  readonly isStarting: boolean;
}

export interface AutoSize {
  readonly max: number;
  readonly reason: SizeReason;
  /** The most that the pool may have, as one of the fleet. */
  readonly share: number;
  readonly isStarting: boolean;
}

/** What all instances leave of the connections that there are, for those who come beside them: migrations, tools, a deploy's first. */
const USED_PART = 0.8;
const MOST = 1_000;
/** A wait that somebody might notice, in milliseconds: to be served a turn of the event loop later is none. */
const WAIT_MS = 1;
/** A server whose statements take so many times as long as they might has enough to do. */
const SLOWER = 1.25;
const START_GROWTH = 2;

/**
 * Decides how large a pool should be, by additive increase and multiplicative decrease: so instances that know nothing of each
 * other come to have equal parts. Pure; when to ask is `AutoPoolSize`'s.
 */
export function autoSize(state: AutoSizeState): AutoSize {
  const { max, min, open, instances, limit, beside, wasRefused, waitMs, runMs, leastRunMs, isStarting } =
    state;
  const floor = Math.min(MOST, min + 1);
  const fair = Math.floor((limit * USED_PART) / Math.max(1, instances)) - beside;
  const share = Math.max(floor, Math.min(MOST, fair));
  const bounded = (size: number) => Math.max(floor, Math.min(share, size));
  // Half of what is open, which may be far below what is allowed.
  if (wasRefused) {
    const half = Math.floor(Math.min(max, open) / 2);
    return { max: bounded(half), reason: "refused", share, isStarting: false };
  }
  if (max > share) return { max: share, reason: "share", share, isStarting };
  const isSlower = runMs !== undefined && leastRunMs !== undefined && runMs > SLOWER * leastRunMs;
  // Its own last step is all that it takes back: a server that others keep busy, or is asked for more, is slower for no fault of it.
  if (isSlower) return { max: bounded(state.grownFrom ?? max), reason: "enough", share, isStarting: false };
  if (waitMs <= WAIT_MS) return { max: bounded(max), reason: "enough", share, isStarting };
  const wanted = isStarting ? START_GROWTH * max : max + 1;
  return { max: bounded(wanted), reason: wanted > share ? "share" : "waiting", share, isStarting };
}
