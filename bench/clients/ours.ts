import { Pool, type PoolOptions } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { type ClientOptions, CROWD, CROWD_TIMEOUT_MS, type OpenClient } from "./client.ts";
import { poolOptions } from "./connection.ts";
import { drizzleOperations, fourStatements, readNote } from "./drizzle-operations.ts";
import { tenantOf } from "./rows.ts";
import * as schema from "./tables.ts";

/** As it is shipped: every limit and check that is on by default stays on. */
export function openPool({ url, max, crowd }: ClientOptions, options: PoolOptions = {}): Pool {
  const patience = crowd ? { maxWaiting: CROWD, connectionTimeoutMillis: CROWD_TIMEOUT_MS } : {};
  return new Pool({ ...poolOptions(url, max), ...patience, ...options });
}

export async function open(options: ClientOptions): Promise<OpenClient> {
  const pool = openPool(options);
  const { db, scoped } = drizzleOverPool(() => pool, schema);
  const asTenant = (n: number) => scoped({ "app.tenant_id": tenantOf(n) });
  return {
    operations: {
      ...drizzleOperations(db),
      scopedSelect: (n) => readNote(asTenant(n), n),
      tenantTransaction: (n) => asTenant(n).transaction((tx) => fourStatements(tx, n)),
    },
    close: () => pool.end(),
  };
}
