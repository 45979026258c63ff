import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import type { Pool } from "../../src/pool.ts";

/** What the pool is asked for at the same time. */
export interface Flood {
  /** Callers of one tenant who come again as soon as they are served. */
  readonly callers: number;
  /** Tenants who ask now and then. */
  readonly quietTenants: number;
  /** How long a connection is needed, in milliseconds. */
  readonly holdMs: number;
  readonly durationMs: number;
}

export interface FloodReport {
  /** How long the quiet ones have waited, ascending, in milliseconds. */
  readonly quietMs: readonly number[];
  /** How many of the flood were served. */
  readonly served: number;
}

/** How long a quiet tenant pauses between two requests, in milliseconds. */
const PAUSE_MS = 20;

/**
 * One tenant floods a pool beside quiet ones.
 *
 * @param tellsTenants whether the pool is told who asks; else all stand in one line.
 */
export async function flood(pool: Pool, tellsTenants: boolean, options: Flood): Promise<FloodReport> {
  const { callers, quietTenants, holdMs, durationMs } = options;
  const endMs = performance.now() + durationMs;
  const quietMs: number[] = [];
  let served = 0;
  const use = async (tenant: string, onServed: (client: pg.PoolClient) => void) => {
    const client = await pool.acquire({ tenant: tellsTenants ? tenant : undefined });
    onServed(client);
    await client.query("select pg_sleep($1)", [holdMs / 1_000]);
    client.release();
  };
  const flooding = Array.from({ length: callers }, async () => {
    while (performance.now() < endMs) await use("flood", () => served++);
  });
  const quiet = Array.from({ length: quietTenants }, async (_, index) => {
    await pause(PAUSE_MS);
    while (performance.now() < endMs) {
      const askedAtMs = performance.now();
      await use(`quiet ${index}`, () => quietMs.push(performance.now() - askedAtMs));
      await pause(PAUSE_MS);
    }
  });
  await Promise.all([...flooding, ...quiet]);
  return { quietMs: quietMs.sort((one, other) => one - other), served };
}

export function percentile(ascending: readonly number[], part: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(part * ascending.length))] ?? Number.NaN;
}
