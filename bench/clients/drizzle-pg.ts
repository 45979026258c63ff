import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { ClientOptions, OpenClient } from "./client.ts";
import { connectionOf, openPgPool } from "./connection.ts";
import { drizzleOperations } from "./drizzle-operations.ts";
import * as schema from "./tables.ts";

export async function open({ url, max }: ClientOptions): Promise<OpenClient> {
  const pool = openPgPool({ url, max });
  return { operations: drizzleOperations(drizzle(pool, { schema })), close: () => pool.end() };
}

export async function openSingle({ url }: ClientOptions): Promise<OpenClient> {
  const client = new pg.Client(connectionOf(url));
  await client.connect();
  return { operations: drizzleOperations(drizzle(client, { schema })), close: () => client.end() };
}
