import { getPoolStats, healthCheck } from "@openhouse/db/client";

/** What the Database page shows: the health route's answer with the pool's bounds. Counts of connections but for `waiting`. */
export interface DatabaseFigures {
  status: "healthy" | "degraded" | "unhealthy" | "draining";
  /** How long the last probe took. */
  latencyMs: number;
  /** Kind of the last probe's failure. */
  error?: string;
  /** Held by requests. */
  used: number;
  idle: number;
  /** Requests that wait for a connection. */
  waiting: number;
  max: number;
  min: number;
}

/** Asks the health probe and the pool. Never throws; takes no connection of the pool. */
export async function databaseFigures(): Promise<DatabaseFigures> {
  const { status, latencyMs, error } = await healthCheck();
  const { usedCount, idleCount, waitingCount, max, min } = getPoolStats();
  return {
    status,
    latencyMs,
    ...(error !== undefined && { error }),
    used: usedCount,
    idle: idleCount,
    waiting: waitingCount,
    max,
    min,
  };
}
