import {
  AcquireTimeoutError,
  classifyError,
  Pool,
  type PoolOptions,
  poolFromUrl,
  withRetry,
} from "@openhouse/pool";
import { poolHealth, poolMetrics, toNodeListener } from "@openhouse/pool/http";
import { closeOnSignals, processWide } from "@openhouse/pool/process";
import { defineScope, onlyBoundRoles, scoped } from "@openhouse/pool/tenants";

const options: PoolOptions = { connectionString: "postgres://", maxWaiting: 5, onConnect: onlyBoundRoles() };
const pool: Pool = new Pool(options);
const answer: Promise<{ rows: { id: number }[] }> = scoped(pool, { "app.tenant_id": "a" }).query(
  "select 1 as id",
);
const metrics: string = poolMetrics(pool);
closeOnSignals(() => pool.end());
export const exported: readonly unknown[] = [
  answer,
  metrics,
  defineScope,
  poolFromUrl,
  processWide,
  withRetry,
];
export const listener = toNodeListener(poolHealth(pool).ready);
export const holderTold = (error: unknown): boolean =>
  error instanceof AcquireTimeoutError && classifyError(error).kind !== undefined;
// @ts-expect-error a number of waiters is no text
new Pool({ maxWaiting: "5" });
