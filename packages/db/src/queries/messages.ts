import { mapQuery, type Query } from "@openhouse/pool/drizzle";
import { and, asc, desc, eq, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { prepareFor } from "../prepare-for.ts";
import { type MessageRole, type MessageStatus, messages, toolCalls } from "../schema/index.ts";
import { asUuid, isUuid } from "../uuid.ts";

export interface Message {
  id: string;
  role: MessageRole;
  body: string;
  status: MessageStatus;
  clientMessageId: string | null;
  /** The message that this one answers. */
  replyToId: string | null;
  createdAt: Date;
}

const COLUMNS = {
  id: messages.id,
  role: messages.role,
  body: messages.body,
  status: messages.status,
  clientMessageId: messages.clientMessageId,
  replyToId: messages.replyToId,
  createdAt: messages.createdAt,
};

/** A thread's messages, oldest first. */
export async function listMessages(db: Database, threadId: string): Promise<Message[]> {
  if (!isUuid(threadId)) return [];
  return db
    .select(COLUMNS)
    .from(messages)
    .where(eq(messages.threadId, threadId))
    .orderBy(asc(messages.createdAt), asc(messages.id));
}

/** A thread's last `limit` messages, oldest first. */
export function listRecentMessages(
  db: Database,
  { threadId, limit }: { threadId: string; limit: number },
): Query<Message[]> {
  const latest = db
    .select(COLUMNS)
    .from(messages)
    .where(eq(messages.threadId, threadId))
    .orderBy(desc(messages.createdAt), desc(messages.id))
    .limit(limit);
  return mapQuery(latest, (rows) => rows.reverse());
}

/** What was looked up for a message. */
export interface SpokenLookup {
  id: string;
  name: string;
  input: unknown;
  output: unknown;
}

/** A message with its tool calls, oldest first. */
export interface Utterance extends Message {
  toolCalls: SpokenLookup[];
}

/**
 * A thread's last `limit` messages with their tool calls, oldest first, in one statement.
 *
 * @param limit @default 200
 */
export function listConversation(
  db: Database,
  { threadId, limit = 200 }: { threadId: string; limit?: number },
): Query<Utterance[]> {
  return utterancesOfThread(db, { threadId: asUuid(threadId), limit }).map(withToolCalls);
}

/** A question and, where there is one, its answer, with their tool calls, in one statement. */
export async function listExchange(db: Database, questionId: string): Promise<Utterance[]> {
  if (!isUuid(questionId)) return [];
  return withToolCalls(await utterancesOfExchange(db, { questionId, limit: 2 }));
}

/** @param which placeholders of its own, beside `limit`. */
const utterances = (which: SQL | undefined) =>
  prepareFor((db) => {
    const latest = db
      .select({ ...COLUMNS, tenantId: messages.tenantId })
      .from(messages)
      .where(which)
      .orderBy(desc(messages.createdAt), desc(messages.id))
      .limit(sql.placeholder("limit"))
      .as("latest");
    return db
      .select({
        message: {
          id: latest.id,
          role: latest.role,
          body: latest.body,
          status: latest.status,
          clientMessageId: latest.clientMessageId,
          replyToId: latest.replyToId,
          createdAt: latest.createdAt,
        },
        toolCall: {
          id: toolCalls.id,
          name: toolCalls.name,
          input: toolCalls.input,
          output: toolCalls.output,
        },
      })
      .from(latest)
      .leftJoin(toolCalls, and(eq(toolCalls.tenantId, latest.tenantId), eq(toolCalls.messageId, latest.id)))
      .orderBy(asc(latest.createdAt), asc(latest.id), asc(toolCalls.createdAt), asc(toolCalls.id));
  });

const utterancesOfThread = utterances(eq(messages.threadId, sql.placeholder("threadId")));
const utterancesOfExchange = utterances(
  or(eq(messages.id, sql.placeholder("questionId")), eq(messages.replyToId, sql.placeholder("questionId"))),
);

/** One for each message, of rows that have one for each tool call. */
function withToolCalls(rows: Awaited<ReturnType<typeof utterancesOfThread>>): Utterance[] {
  const spoken: Utterance[] = [];
  for (const { message, toolCall } of rows) {
    let last = spoken.at(-1);
    if (last?.id !== message.id) {
      last = { ...message, toolCalls: [] };
      spoken.push(last);
    }
    if (toolCall !== null) last.toolCalls.push(toolCall);
  }
  return spoken;
}
