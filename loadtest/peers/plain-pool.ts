// What teams usually write around pg.Pool for Drizzle and row-level security. A copy of the checkout has it in the place
// of packages/db/src/client.ts; nothing else is different there.
import * as schema from "@openhouse/db/schema";
import { signingFor, TenantTokens } from "@openhouse/db/signing";
import { sql } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";

type Db = NodePgDatabase<typeof schema>;

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DB_POOL_MAX ?? 20),
  idleTimeoutMillis: 30_000,
  connectionTimeoutMillis: 5_000,
});
// The load test's probe looks for it here.
Reflect.set(globalThis, Symbol.for("@openhouse/loadtest/plain-pool"), pool);

let tokens: TenantTokens | undefined;

/** For any connection: Drizzle's transactions do not tell which one is theirs. */
function tokenOf(tenantId: string): string {
  tokens ??= new TenantTokens({ ...signingFor(process.env.DATABASE_URL ?? ""), tokenBinding: "none" });
  return tokens.tokenFor(tenantId, 0);
}

export const db: Db = drizzle(pool, { schema });

/** Gives Drizzle a pool each of whose statements is a transaction with the tenant set. */
class TenantPool {
  readonly #tenantId: string;

  constructor(tenantId: string) {
    this.#tenantId = tenantId;
  }

  async query(config: pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> {
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query("select set_config('app.tenant', $1, true)", [tokenOf(this.#tenantId)]);
      const result = await client.query(config, values);
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  }
}

export function forTenant(tenantId: string, _actor?: object): Db {
  // Drizzle asks its client for `query` alone, outside of transactions.
  const scoped: Db = drizzle(new TenantPool(tenantId) as unknown as pg.Pool, { schema });
  scoped.transaction = (work, config) =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('app.tenant', ${tokenOf(tenantId)}, true)`);
      return work(tx);
    }, config);
  return scoped;
}

export const forTenantInBackground = forTenant;
export const dbInBackground = db;
export const forTenantAsStranger = forTenant;
export const dbForStrangers = db;

export async function withClient<T>(
  work: (client: pg.PoolClient) => Promise<T>,
  _options?: object,
): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

export function withRetry<T>(work: () => Promise<T>, _options?: object): Promise<T> {
  return work();
}

export function getDatabaseResources() {
  return { pool, db, mode: "pool" as const };
}

export function getPoolStats() {
  const { totalCount, idleCount, waitingCount } = pool;
  const usedCount = totalCount - idleCount;
  return {
    totalCount,
    idleCount,
    waitingCount,
    usedCount,
    connectingCount: 0,
    closingCount: 0,
    max: 20,
    min: 0,
  };
}

export function getBackgroundStats() {
  return { usedCount: 0, waitingCount: 0, max: 20 };
}

export const getStrangersStats = getBackgroundStats;

export async function healthCheck() {
  const { totalCount, idleCount, waitingCount } = pool;
  const poolStats = { totalCount, idleCount, waitingCount };
  const startedAtMs = performance.now();
  const healthy = await pool.query("select 1").then(
    () => true,
    () => false,
  );
  const latencyMs = performance.now() - startedAtMs;
  const status = healthy ? ("healthy" as const) : ("unhealthy" as const);
  return {
    healthy,
    status,
    latencyMs,
    poolStats,
    consecutiveFailures: healthy ? 0 : 1,
    everHealthy: healthy,
  };
}

export async function closePool(_options?: object): Promise<void> {
  await pool.end();
}

export const disconnect = closePool;
