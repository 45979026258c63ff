import { type Pool, poolFromUrl } from "@openhouse/pool";
import { drizzleOverPool } from "@openhouse/pool/drizzle";
import { type PoolHealth, poolHealth } from "@openhouse/pool/http";
import { processWide, processWideCurrent } from "@openhouse/pool/process";
import { defineScope, onlyBoundRoles } from "@openhouse/pool/tenants";
import * as schema from "./schema.ts";

/** How long statements under way may take when the process is asked to end, in milliseconds. */
const END_MS = 10_000;

interface Resource {
  readonly pool: Pool;
  readonly health: PoolHealth;
}

/**
 * The process's one pool. Next bundles this module several times, for pages, route handlers and instrumentation, and evaluates it
 * anew at each hot reload: all of them get the same one. It is made at the first use, as `next build` has no database.
 *
 * @throws {PoolConfigError} DATABASE_URL is missing or wrong; with every fault.
 */
export function database(): Resource {
  return processWide("database", process.env.DATABASE_URL, open, close);
}

/** Drizzle as one tenant: what it asks for is what the tenant's policies let it see. Make it once a request. */
export function forTenant(tenantId: string) {
  return scoped(tenant({ "app.tenant_id": tenantId }));
}

/** Ends the pool, if there is one: what is under way is finished, callers that come later are refused. */
export async function closePool(): Promise<void> {
  const current = processWideCurrent<Resource>("database");
  if (current !== undefined) await close(current);
}

const tenant = defineScope({ "app.tenant_id": "uuid" });
const { scoped } = drizzleOverPool(() => database().pool, schema);

function open(): Resource {
  // A role that row-level security does not bind would see every tenant's rows: it is refused at each connection.
  const pool = poolFromUrl(process.env.DATABASE_URL, { max: 10, check: onlyBoundRoles() });
  return { pool, health: poolHealth(pool) };
}

async function close({ pool, health }: Resource): Promise<void> {
  await Promise.all([health.close(), pool.end({ timeoutMs: END_MS })]);
}
