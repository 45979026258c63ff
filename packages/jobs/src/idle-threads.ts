import { titleThread } from "@openhouse/db/queries/chat-threads";
import { listMessages } from "@openhouse/db/queries/messages";
import { asTenant } from "./background.ts";
import { threadTitle } from "./thread-title.ts";

/** How long nobody has spoken in a thread that counts as idle, in milliseconds. */
export const THREAD_IDLE_MS = 10 * 60_000;

/**
 * Gives a thread a title made of its first question, unless somebody has named it or has spoken in it since.
 *
 * @returns whether it has a title now that it did not have before. Done again, nothing changes.
 */
export async function titleIdleThread({
  tenantId,
  threadId,
  idleSince,
}: {
  tenantId: string;
  threadId: string;
  idleSince: Date;
}): Promise<boolean> {
  const db = asTenant(tenantId);
  const messages = await listMessages(db, threadId);
  const questions = messages.filter(({ role }) => role === "user").map(({ body }) => body);
  const title = threadTitle(questions);
  return title !== null && (await titleThread(db, { threadId, title, idleSince }));
}
