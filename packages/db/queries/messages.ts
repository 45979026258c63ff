import { and, asc, eq, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { only } from "../only.ts";
import { chatThreads, type MessageRole, type MessageStatus, messages } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";

export interface Message {
  id: string;
  role: MessageRole;
  body: string;
  status: MessageStatus;
  clientMessageId: string | null;
  createdAt: Date;
}

/** A thread's messages, oldest first. */
export async function listMessages(db: Database, threadId: string): Promise<Message[]> {
  if (!isUuid(threadId)) return [];
  return db
    .select({
      id: messages.id,
      role: messages.role,
      body: messages.body,
      status: messages.status,
      clientMessageId: messages.clientMessageId,
      createdAt: messages.createdAt,
    })
    .from(messages)
    .where(eq(messages.threadId, threadId))
    .orderBy(asc(messages.createdAt), asc(messages.id));
}

export interface NewMessage {
  threadId: string;
  role: MessageRole;
  body: string;
  /** @default "complete" */
  status?: MessageStatus;
  /** Chosen by the sender; adding it a second time adds nothing. */
  clientMessageId?: string;
}

/**
 * Adds a message and moves its thread to the front. `added` is false where a message with the same
 * `clientMessageId` was there; `id` is that one's then.
 * Throws 23503 where the thread is not this tenant's.
 */
export function addMessage(db: Database, message: NewMessage): Promise<{ id: string; added: boolean }> {
  return db.transaction(async (tx) => {
    const [added] = await tx
      .insert(messages)
      .values(message)
      .onConflictDoNothing({ target: [messages.tenantId, messages.threadId, messages.clientMessageId] })
      .returning({ id: messages.id });
    if (!added) return { id: await findSentMessage(tx, message), added: false };
    await tx.update(chatThreads).set({ updatedAt: sql`now()` }).where(eq(chatThreads.id, message.threadId));
    return { id: added.id, added: true };
  });
}

async function findSentMessage(db: Database, { threadId, clientMessageId = "" }: NewMessage) {
  const rows = await db
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.threadId, threadId), eq(messages.clientMessageId, clientMessageId)));
  return only(rows).id;
}
