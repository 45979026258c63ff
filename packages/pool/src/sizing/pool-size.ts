/** How often and for how long connections were used, since a process began to count. */
export interface UseTotals {
  readonly count: number;
  readonly sumMs: number;
}

/** What callers ask of a pool, on average over a while. */
export interface PoolLoad {
  /** Connections in use at once. */
  readonly busy: number;
  /** How long one is in use each time, in milliseconds. */
  readonly holdMs: number;
}

/** How long a caller may wait for a connection, and how many may wait longer. */
export interface WaitGoal {
  /** @default 10 */
  readonly waitMs?: number;
  /** The part of all callers, from 0 to 1. @default 0.01 */
  readonly share?: number;
}

/** Beyond this a pool is the wrong answer to its load. */
const MOST_CONNECTIONS = 10_000;

/**
 * The load between two readings of a process's totals, by Little's law: connections in use are the time that all of them
 * were in use in, by the time that went by. Undefined where nothing was used in between, or the process was started anew.
 */
export function loadBetween(before: UseTotals, after: UseTotals, elapsedMs: number): PoolLoad | undefined {
  const uses = after.count - before.count;
  const usedMs = after.sumMs - before.sumMs;
  if (!(uses > 0 && usedMs > 0 && elapsedMs > 0)) return undefined;
  return { busy: usedMs / elapsedMs, holdMs: usedMs / uses };
}

/** Erlang C: which part of the callers finds every connection in use, where they come at random. */
export function shareThatWaits(connections: number, busy: number): number {
  if (busy <= 0) return 0;
  if (busy >= connections) return 1;
  // Erlang B by its recursion, which stays within bounds where powers and factorials do not.
  let blocked = 1;
  for (let count = 1; count <= connections; count++) blocked = (busy * blocked) / (count + busy * blocked);
  return blocked / (1 - (busy / connections) * (1 - blocked));
}

/** Which part of the callers waits longer than `waitMs`, where they come, and keep a connection, at random. */
export function shareThatWaitsLonger(
  connections: number,
  { busy, holdMs }: PoolLoad,
  waitMs: number,
): number {
  if (busy >= connections) return 1;
  return shareThatWaits(connections, busy) * Math.exp((-(connections - busy) * waitMs) / holdMs);
}

/**
 * The least connections with which the goal is kept under this load. Averages hide bursts: the load of the busiest minutes
 * is the one to ask for.
 */
export function poolSizeFor(load: PoolLoad, { waitMs = 10, share = 0.01 }: WaitGoal = {}): number {
  let size = Math.max(1, Math.ceil(load.busy));
  while (size < MOST_CONNECTIONS && shareThatWaitsLonger(size, load, waitMs) > share) size++;
  return size;
}

/** For people: `5.5 busy of 20: 11 would do`. */
export function describePoolSize(load: PoolLoad, max: number, goal?: WaitGoal): string {
  const size = poolSizeFor(load, goal);
  const advice = size > max ? `${size} are needed` : `${size} would do`;
  return `${Number(load.busy.toFixed(1))} busy of ${max}: ${advice}`;
}
