import { forTenantInBackground } from "@openhouse/db/client";
import { describeError } from "@openhouse/pool";
import { JobError } from "./job-error.ts";

/** The database as a job of one tenant sees it: within the background's share of the pool, in the role "job". */
export const asTenant = (tenantId: string) => forTenantInBackground(tenantId, { role: "job" });

/** @throws {JobError} in place of whatever `work` throws. */
export async function guardStep<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new JobError(describeError(error));
  }
}
