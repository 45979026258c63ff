import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
  connectClient,
  type DatabaseConfig,
  readSettings,
} from "@openhouse/pool";
import pg from "pg";
import type { ScriptDatabase } from "./database.ts";

/**
 * Says so where the portals' processes may open more connections than the server has for them: whoever comes last is refused.
 *
 * @param processes of all portals; each has a pool, and one connection for probes.
 * @returns undefined where there are enough.
 */
export async function overBudget(database: ScriptDatabase, processes: number): Promise<string | undefined> {
  const settings = readSettings({
    ...process.env,
    DATABASE_URL: database.appUrl,
    DATABASE_URL_OWNER: undefined,
  });
  const max = settings.mode === "pool" ? (settings.options.max ?? 1) : 1;
  const needed = processes * (max + 1);
  const forRoles = await connectionsForRoles(settings.options);
  if (needed <= forRoles) return undefined;
  const fitting = Math.floor(forRoles / processes) - 1;
  const remedy =
    fitting >= 1 ? `DB_POOL_MAX=${fitting} would fit` : "fewer --workers, or a pooler, would fit";
  return (
    `warning: ${processes} processes x (${max} connections + 1 for probes) = ${needed}, more than the ${forRoles} ` +
    `of the server's max_connections that roles may have (behind a pooler its own limit counts); ${remedy}`
  );
}

async function connectionsForRoles(connection: DatabaseConfig["options"]): Promise<number> {
  const client = await connectClient(connection, (at) => new pg.Client(at));
  try {
    const { rows } = await client.query<ConnectionLimits>(`select ${CONNECTION_LIMITS}`);
    return rows[0]?.server ?? 0;
  } finally {
    await client.end();
  }
}
