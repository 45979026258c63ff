import { readSettings } from "@openhouse/pool";
import pg from "pg";
import type { BenchContext, Kind } from "./context.ts";

/** A value of each kind that cannot be meant. */
export const GARBAGE: Record<string, string> = {
  DB_POOL_MAX: "abc",
  DB_POOL_MIN: "-1",
  DB_POOL_CONN_TIMEOUT_MS: "5s",
  DB_POOL_IDLE_MS: "3e9",
  DB_POOL_MAX_WAITING: "",
};

export async function garbageSettings({ kind, url }: BenchContext) {
  const alone = Object.entries(GARBAGE).map(([variable, value]) => ({ [variable]: value }));
  const starts = [...alone, { DB_POOL_MIN: "9", DB_POOL_MAX: "3" }];
  const refused = starts.filter((env) => refusalOf(kind, { DATABASE_URL: url, ...env }) !== undefined);
  return { refusedAtStart: `${refused.length} of ${starts.length}` };
}

/** What is thrown at start: by our settings, or where an application reads them for a plain pool as is usual. */
export function refusalOf(kind: Kind, env: Record<string, string>): unknown {
  try {
    if (kind === "ours") readSettings(env);
    else
      new pg.Pool({
        connectionString: env.DATABASE_URL,
        max: Number(env.DB_POOL_MAX ?? 20),
        min: Number(env.DB_POOL_MIN ?? 2),
        connectionTimeoutMillis: Number(env.DB_POOL_CONN_TIMEOUT_MS ?? 5_000),
        idleTimeoutMillis: Number(env.DB_POOL_IDLE_MS ?? 30_000),
      });
    return undefined;
  } catch (error) {
    return error;
  }
}
