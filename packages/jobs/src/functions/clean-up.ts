import { dbInBackground } from "@openhouse/db/client";
import {
  deleteExpiredRateLimits,
  deleteSpentDocuments,
  deleteSpentOnboardingCodes,
  deleteSpentSessions,
  deleteSpentSignInLinks,
  deleteSpentUnanswered,
} from "@openhouse/db/queries/clean-up";
import { asTenant, guardStep } from "../background.ts";
import { inngest } from "../client.ts";
import { idsOf } from "../event-data.ts";
import { TENANTS_PER_STEP, tenantsAfter } from "../tenants.ts";

/** Rows of one transaction: few enough for it to be short. */
const BATCH_ROWS = 500;
/** Batches of one step, so that it ends in time; the next night goes on. */
const MAX_BATCHES = 100;

const TENANT_DUE = "tenant/clean-up";

/** Every night, at 03:17 UTC: has each tenant cleaned up, in a run of its own, so that one that fails keeps none from it. */
export const cleanUpNightly = inngest.createFunction(
  { id: "clean-up", name: "Clean up, nightly", triggers: [{ cron: "17 3 * * *" }], retries: 3 },
  async ({ step }) => {
    const rateLimits = await step.run("rate limits", () =>
      inBatches((limit) => deleteExpiredRateLimits(dbInBackground, { limit })),
    );
    let tenants = 0;
    for (let last: string | undefined; ; ) {
      const page = await step.run(`tenants after ${last ?? "none"}`, () => tenantsAfter(last));
      tenants += page.length;
      if (page.length > 0) {
        const events = page.map((tenantId) => ({ name: TENANT_DUE, data: { tenantId } }));
        await step.sendEvent(`ask tenants after ${last ?? "none"}`, events);
      }
      last = page.at(-1);
      if (page.length < TENANTS_PER_STEP) return { rateLimits, tenants };
    }
  },
);

/** One tenant's codes and sessions that ended more than 30 days ago, documents that were deleted then, its links of the day before, and what homeowners asked in vain more than 90 days ago. Run twice, there is nothing left to delete. */
export const cleanUpTenant = inngest.createFunction(
  {
    id: "clean-up-tenant",
    name: "Clean up a tenant",
    triggers: [{ event: TENANT_DUE }],
    retries: 3,
    concurrency: { limit: 2 },
  },
  async ({ event, step }) => {
    const ids = idsOf(event.data, "tenantId");
    if (ids === null) return { outcome: "malformed" };
    const db = asTenant(ids.tenantId);
    const sessions = await step.run("sessions", () =>
      inBatches((limit) => deleteSpentSessions(db, { limit })),
    );
    const codes = await step.run("codes", () =>
      inBatches((limit) => deleteSpentOnboardingCodes(db, { limit })),
    );
    const documents = await step.run("documents", () =>
      inBatches((limit) => deleteSpentDocuments(db, { limit })),
    );
    const links = await step.run("links", () => inBatches((limit) => deleteSpentSignInLinks(db, { limit })));
    const unanswered = await step.run("unanswered", () =>
      inBatches((limit) => deleteSpentUnanswered(db, { limit })),
    );
    return { outcome: "cleaned", sessions, codes, documents, links, unanswered };
  },
);

/** Each batch is a transaction, and takes its own turn in the background's share of the pool. */
async function inBatches(deleteBatch: (limit: number) => Promise<number>): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const count = await guardStep(() => deleteBatch(BATCH_ROWS));
    deleted += count;
    if (count < BATCH_ROWS) break;
  }
  return deleted;
}
