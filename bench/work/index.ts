import type { Work } from "../compare/work.ts";
import { pointSelect } from "./01-point-select.ts";
import { preparedSelect } from "./02-prepared-select.ts";
import { relationalQuery } from "./03-relational-query.ts";
import { insertReturning } from "./04-insert-returning.ts";
import { tenantSelect } from "./05-tenant-select.ts";
import { tenantSelectFar } from "./05b-tenant-select-far.ts";
import { tenantTransaction, tenantTransactionFar } from "./06-tenant-transaction.ts";
import { keyViolations } from "./07-key-violations.ts";
import { growth } from "./08-growth.ts";
import { callers } from "./09-callers.ts";
import { waiterMemory } from "./09m-waiter-memory.ts";
import { timeouts } from "./10-timeouts.ts";
import { acquire } from "./11-acquire.ts";
import { healthProbes } from "./12-health-probes.ts";
import { coldStart } from "./13-cold-start.ts";
import { fiveSelects } from "./14-five-selects.ts";
import { preparedTenantSelect } from "./15-prepared-tenant-select.ts";
import { checkout } from "./16-checkout.ts";
import { manyInserts } from "./17-many-inserts.ts";
import { metrics } from "./18-metrics.ts";

export const WORKS: readonly Work[] = [
  pointSelect,
  preparedSelect,
  relationalQuery,
  insertReturning,
  tenantSelect,
  ...tenantSelectFar,
  tenantTransaction,
  tenantTransactionFar,
  keyViolations,
  growth,
  callers,
  waiterMemory,
  timeouts,
  acquire,
  healthProbes,
  coldStart,
  ...fiveSelects,
  preparedTenantSelect,
  ...checkout,
  ...manyInserts,
  ...metrics,
];

/** @throws there is no such work. */
export function workById(id: string): Work {
  const work = WORKS.find((each) => each.id === id);
  if (work !== undefined) return work;
  throw new Error(`there is no work ${id}; there are ${WORKS.map((each) => each.id).join(", ")}`);
}

/** A work, or all that share the number in front of the hyphen. @throws there is none. */
export function worksOf(name: string): Work[] {
  const found = WORKS.filter(({ id }) => id === name || id.split("-")[0] === name);
  return found.length > 0 ? found : [workById(name)];
}
