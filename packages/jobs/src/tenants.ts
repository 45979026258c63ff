import { dbInBackground } from "@openhouse/db/client";
import { listTenants } from "@openhouse/db/queries/directory";
import { guardStep } from "./background.ts";

/** How many tenants one step is about: its answer is kept by the executor. */
export const TENANTS_PER_STEP = 200;

/** The tenants that come next, in the order of their ids; fewer than a stepful where there are no more. */
export function tenantsAfter(tenantId: string | undefined): Promise<string[]> {
  return guardStep(() => listTenants(dbInBackground, { after: tenantId, limit: TENANTS_PER_STEP }));
}
