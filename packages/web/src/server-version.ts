import { setTimeout as sleep } from "node:timers/promises";

/** Long enough for a database that is there; one that is away is told of by others. */
const WITHIN_MS = 5_000;

interface Queryable {
  query(statement: string): Promise<{ rows: { server_version?: unknown }[] }>;
}

/** Which version the server is of; undefined where it does not say so soon. */
export async function serverVersion(pool: Queryable): Promise<string | undefined> {
  const answer = pool.query("show server_version").then(({ rows }) => String(rows[0]?.server_version));
  return await Promise.race([answer.catch(() => undefined), sleep(WITHIN_MS, undefined, { ref: false })]);
}
