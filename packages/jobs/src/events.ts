import { errorFields, log } from "./log.ts";
import { hasExecutor } from "./settings.ts";

/** What has happened, for jobs to follow up. Ids only: events pass through, and are kept by, the executor. */
export type JobEvent =
  /** A document was stored and waits for its index. */
  | { name: "document/uploaded"; data: { tenantId: string; documentId: string } }
  /** Somebody spoke in a thread, or was answered; `at` in ISO 8601. */
  | { name: "thread/message.created"; data: { tenantId: string; threadId: string; at: string } };

/** How long an executor that is silent is waited for, in milliseconds. Shutdown may wait for as long. */
const SEND_TIMEOUT_MS = 2_000;

let toldOfNoExecutor = false;

/**
 * Tells the executor of jobs what has happened. Call it after the commit. It never throws and settles within 2 s: an event
 * that is lost is logged, and the sweep finds later what it was about.
 *
 * @returns whether the executor has it.
 */
export async function sendEvent(event: JobEvent): Promise<boolean> {
  if (!hasExecutor()) {
    if (!toldOfNoExecutor) log.warn("jobs.no_executor", { hint: "set INNGEST_EVENT_KEY, or INNGEST_DEV" });
    toldOfNoExecutor = true;
    return false;
  }
  const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
  const timedOut = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    await Promise.race([send(event, signal), timedOut]);
    return true;
  } catch (error) {
    log.warn("jobs.event_lost", { sent: event.name, ...errorFields(error) });
    return false;
  }
}

/** Loaded at the first event: a portal that sends none does not carry the SDK. */
async function send(event: JobEvent, signal: AbortSignal): Promise<void> {
  const { inngest, sendingEnds } = await import("./client.ts");
  await sendingEnds.run(signal, () => inngest.send(event));
}
