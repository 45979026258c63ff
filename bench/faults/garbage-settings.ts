import { readSettings } from "@openhouse/pool";
import pg from "pg";
import type { Kind, Lab } from "./lab.ts";

export const fault = "garbage in the environment";
const GARBAGE: Record<string, string>[] = [
  { DB_POOL_MAX: "abc" },
  { DB_POOL_MAX: "-1" },
  { DB_POOL_MAX: "3e9" },
  { DB_POOL_CONN_TIMEOUT_MS: "5s" },
  { DB_POOL_MIN: "9", DB_POOL_MAX: "3" },
];

export async function measure(kind: Kind, { url }: Lab): Promise<string> {
  const refused = GARBAGE.filter((garbage) => {
    try {
      if (kind === "ours") readSettings({ DATABASE_URL: url, ...garbage });
      else asUsual(url, garbage);
      return false;
    } catch {
      return true;
    }
  });
  return `${refused.length} of ${GARBAGE.length} refused at start`;
}

/** How applications read them. */
function asUsual(
  connectionString: string,
  { DB_POOL_MAX = "20", DB_POOL_MIN = "2", DB_POOL_CONN_TIMEOUT_MS = "5000" },
) {
  const connectionTimeoutMillis = Number(DB_POOL_CONN_TIMEOUT_MS);
  return new pg.Pool({
    connectionString,
    max: Number(DB_POOL_MAX),
    min: Number(DB_POOL_MIN),
    connectionTimeoutMillis,
  });
}
