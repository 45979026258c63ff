import type { ClientOptions, OpenClient } from "./client.ts";
import { type Db, drizzleOperations } from "./drizzle-operations.ts";
import { openSql } from "./postgres-js.ts";
import * as schema from "./tables.ts";

export async function open(options: ClientOptions): Promise<OpenClient> {
  const sql = await openSql(options);
  // Not before the peers are in reach: Drizzle's own module imports `postgres`.
  const { drizzle } = await import("drizzle-orm/postgres-js");
  const db: Db = drizzle(sql as never, { schema });
  return { operations: drizzleOperations(db), close: () => sql.end({ timeout: 1 }) };
}
