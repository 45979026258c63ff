import { forTenantInBackground } from "@openhouse/db/client";
import { describeError, type ErrorDescription } from "@openhouse/pool";

/** The database as a job of one tenant sees it: within the background's share of the pool, in the role "job". */
export const asTenant = (tenantId: string) => forTenantInBackground(tenantId, { role: "job" });

/** What the executor is told of a failure. It keeps what it is told, so that is a kind, and no message of a database. */
export class JobError extends Error {
  readonly code = "JOB_FAILED";

  constructor({ kind, sqlstate }: ErrorDescription) {
    super(`the job failed: ${kind}${sqlstate === undefined ? "" : ` (${sqlstate})`}`);
    this.name = "JobError";
  }
}

/** @throws {JobError} in place of whatever `work` throws. */
export async function guardStep<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new JobError(describeError(error));
  }
}
