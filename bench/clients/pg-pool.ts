import pg from "pg";
import { type ClientOptions, CROWD_TIMEOUT_MS } from "./client.ts";
import { poolOptions } from "./connection.ts";

/** A plain pool, with a deadline for those that wait. */
export function openCrowdedPgPool({ url, max }: ClientOptions, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({
    ...poolOptions(url, max),
    connectionTimeoutMillis: CROWD_TIMEOUT_MS,
    ...options,
  });
  pool.on("error", () => {});
  return pool;
}
