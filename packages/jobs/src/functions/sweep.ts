import { listIdleThreads } from "@openhouse/db/queries/clean-up";
import { indexDocument, listUnindexedDocuments } from "@openhouse/db/queries/documents";
import { asTenant, guardStep } from "../background.ts";
import { inngest } from "../client.ts";
import { THREAD_IDLE_MS, titleIdleThread } from "../idle-threads.ts";
import { errorFields, log } from "../log.ts";
import { TENANTS_PER_STEP, tenantsAfter } from "../tenants.ts";

/** Younger ones are their event's: it is under way. */
const OVERDUE_MS = 2 * 60_000;
/** Of each kind and tenant at a time; the next sweep goes on. */
const MOST_EACH = 20;

interface Overdue {
  tenantId: string;
  documentIds: string[];
  threadIds: string[];
}

/**
 * Every five minutes: does what an event that was lost would have done. Looking reads only; each tenant with something to
 * do gets a step of its own, and what is done already is left as it is.
 */
export const sweep = inngest.createFunction(
  {
    id: "sweep",
    name: "Do what lost events were about",
    triggers: [{ cron: "*/5 * * * *" }],
    retries: 0,
    concurrency: { limit: 1 },
  },
  async ({ step }) => {
    const done = { documents: 0, threads: 0 };
    for (let last: string | undefined; ; ) {
      const { tenants, overdue } = await step.run(`look after ${last ?? "none"}`, async () => {
        const page = await tenantsAfter(last);
        return { tenants: page, overdue: await guardStep(() => overdueOf(page)) };
      });
      for (const each of overdue) {
        const { documents, threads } = await step.run(`sweep ${each.tenantId}`, () => sweepTenant(each));
        done.documents += documents;
        done.threads += threads;
      }
      last = tenants.at(-1);
      if (tenants.length < TENANTS_PER_STEP) return done;
    }
  },
);

async function overdueOf(tenantIds: readonly string[]): Promise<Overdue[]> {
  const overdue: Overdue[] = [];
  for (const tenantId of tenantIds) {
    const db = asTenant(tenantId);
    const documentIds = await listUnindexedDocuments(db, { forMs: OVERDUE_MS, limit: MOST_EACH });
    const threadIds = await listIdleThreads(db, { forMs: THREAD_IDLE_MS + OVERDUE_MS, limit: MOST_EACH });
    if (documentIds.length + threadIds.length > 0) overdue.push({ tenantId, documentIds, threadIds });
  }
  return overdue;
}

async function sweepTenant({ tenantId, documentIds, threadIds }: Overdue) {
  const idleSince = new Date(Date.now() - THREAD_IDLE_MS);
  const documents = await countDone(documentIds, (id) => indexDocument(asTenant(tenantId), id));
  const threads = await countDone(threadIds, (threadId) =>
    titleIdleThread({ tenantId, threadId, idleSince }),
  );
  return { documents, threads };
}

/** One that cannot be done must not keep the others from it: the next sweep tries again. */
async function countDone(ids: readonly string[], work: (id: string) => Promise<unknown>): Promise<number> {
  let done = 0;
  for (const id of ids) {
    try {
      await work(id);
      done++;
    } catch (error) {
      log.warn("jobs.sweep_failed", { id, ...errorFields(error) });
    }
  }
  return done;
}
