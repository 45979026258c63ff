import { guardStep } from "../background.ts";
import { inngest } from "../client.ts";
import { idsOf } from "../event-data.ts";
import { titleIdleThread } from "../idle-threads.ts";

/** The clocks of the portal, which dates the event, and of the database, which dates the thread, need not agree. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * `thread/message.created`: a title, once nobody has spoken in the thread for ten minutes. The executor waits: each event of the
 * thread puts off the run that the ones before it asked for, so that a long conversation is one waiting run.
 */
export const titleThreadWhenIdle = inngest.createFunction(
  {
    id: "title-thread",
    name: "Title a thread that has gone quiet",
    triggers: [{ event: "thread/message.created" }],
    debounce: { key: "event.data.threadId", period: "10m" },
    retries: 3,
    concurrency: { limit: 4 },
  },
  async ({ event, step }) => {
    const ids = idsOf(event.data, "tenantId", "threadId");
    const createdAtMs = Date.parse(String(event.data?.at));
    if (ids === null || Number.isNaN(createdAtMs)) return { outcome: "malformed" };
    const { tenantId, threadId } = ids;
    const idleSince = new Date(createdAtMs + CLOCKS_DIFFER_MS);
    const titled = await step.run("title", () =>
      guardStep(() => titleIdleThread({ tenantId, threadId, idleSince })),
    );
    return { outcome: titled ? "titled" : "left as it is" };
  },
);
