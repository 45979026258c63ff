import { and, asc, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { only } from "../only.ts";
import { messages, toolCalls } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";

export interface ToolCall {
  id: string;
  messageId: string;
  name: string;
  input: unknown;
  output: unknown;
  createdAt: Date;
  /** Null while it runs, and for good when it was cut off. */
  finishedAt: Date | null;
}

/** The tool calls of a whole thread, oldest first. */
export async function listToolCalls(db: Database, threadId: string): Promise<ToolCall[]> {
  if (!isUuid(threadId)) return [];
  return db
    .select({
      id: toolCalls.id,
      messageId: toolCalls.messageId,
      name: toolCalls.name,
      input: toolCalls.input,
      output: toolCalls.output,
      createdAt: toolCalls.createdAt,
      finishedAt: toolCalls.finishedAt,
    })
    .from(messages)
    .innerJoin(
      toolCalls,
      and(eq(toolCalls.tenantId, messages.tenantId), eq(toolCalls.messageId, messages.id)),
    )
    .where(eq(messages.threadId, threadId))
    .orderBy(asc(toolCalls.createdAt), asc(toolCalls.id));
}

/** Records that a tool was called; answers the call's id. Throws 23503 where the message is not this tenant's. */
export async function recordToolCall(
  db: Database,
  call: { messageId: string; name: string; input: unknown },
): Promise<string> {
  return only(await db.insert(toolCalls).values(call).returning({ id: toolCalls.id })).id;
}

/** Records what a call answered; false where it is unknown or was finished before, and nothing changed. */
export async function finishToolCall(
  db: Database,
  { id, output }: { id: string; output: unknown },
): Promise<boolean> {
  const finished = await db
    .update(toolCalls)
    .set({ output, finishedAt: sql`now()` })
    .where(and(eq(toolCalls.id, id), isNull(toolCalls.finishedAt)))
    .returning({ id: toolCalls.id });
  return finished.length === 1;
}
