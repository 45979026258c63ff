import type { HealthStatus } from "@openhouse/pool";

/** What a process knew of its database at one moment, or at the worst of a stretch of time. Counts of connections, but for `waiting`. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** `unknown` where nobody has asked the database for a while. */
  readonly status: HealthStatus | "unknown";
  /** What is wrong: a kind, never a message. */
  readonly kind: string | null;
  /** Of the last probe, if it succeeded and was lately. */
  readonly latencyMs: number | null;
  readonly used: number;
  readonly idle: number;
  readonly max: number;
  /** Requests that wait for a connection, and how long the one that is next has. */
  readonly waiting: number;
  readonly oldestWaiterMs: number;
  /** Requests that have waited in vain, or were refused, since the reading before. */
  readonly refused: number;
  /** Statements, and attempts to connect, that failed since the reading before. */
  readonly errors: number;
}

/** How much of the past, and how finely. */
export interface Range {
  readonly spanMs: number;
  readonly bucketMs: number;
}

export const RANGES = {
  "5m": { spanMs: 5 * 60_000, bucketMs: 1_000 },
  "1h": { spanMs: 3_600_000, bucketMs: 5_000 },
  "24h": { spanMs: 24 * 3_600_000, bucketMs: 60_000 },
} as const satisfies Record<string, Range>;

export type RangeName = keyof typeof RANGES;

export function isRangeName(value: unknown): value is RangeName {
  return typeof value === "string" && Object.hasOwn(RANGES, value);
}

/** From the one that nobody has to know of. */
const RANK: readonly Reading["status"][] = ["unknown", "healthy", "draining", "degraded", "unhealthy"];

/** Both as one: of each figure the worse. */
export function worseOf(before: Reading, after: Reading): Reading {
  const worst = RANK.indexOf(after.status) >= RANK.indexOf(before.status) ? after : before;
  const latencies = [before.latencyMs, after.latencyMs].filter((each) => each !== null);
  return {
    atMs: after.atMs,
    status: worst.status,
    kind: worst.kind,
    latencyMs: latencies.length === 0 ? null : Math.max(...latencies),
    used: Math.max(before.used, after.used),
    idle: Math.min(before.idle, after.idle),
    max: after.max,
    waiting: Math.max(before.waiting, after.waiting),
    oldestWaiterMs: Math.max(before.oldestWaiterMs, after.oldestWaiterMs),
    refused: before.refused + after.refused,
    errors: before.errors + after.errors,
  };
}

/** Adds a reading at the end of a bounded list, into the last one where both are of one bucket. */
export function addReading(readings: Reading[], reading: Reading, { spanMs, bucketMs }: Range): void {
  const last = readings.at(-1);
  if (last?.atMs === reading.atMs) return; // told twice
  const isSame =
    last !== undefined && Math.floor(last.atMs / bucketMs) === Math.floor(reading.atMs / bucketMs);
  if (isSame) readings[readings.length - 1] = worseOf(last, reading);
  else readings.push(reading);
  while (readings.length > spanMs / bucketMs || (readings[0]?.atMs ?? reading.atMs) < reading.atMs - spanMs)
    readings.shift();
}
