import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { ClientOptions, OpenClient } from "./client.ts";
import { poolOptions } from "./connection.ts";
import { drizzleOperations } from "./drizzle-operations.ts";
import * as schema from "./tables.ts";

export async function open({ url, max }: ClientOptions): Promise<OpenClient> {
  const pool = new pg.Pool(poolOptions(url, max));
  pool.on("error", () => {});
  return { operations: drizzleOperations(drizzle(pool, { schema })), close: () => pool.end() };
}
