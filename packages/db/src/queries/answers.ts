import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { withinBudget } from "../markdown/budget.ts";
import type { MessageStatus } from "../schema/index.ts";
import { isForeignKeyViolation } from "../violations.ts";
import type { Lookup } from "./questions.ts";

export interface Answer {
  id: string;
  /** The question's message. */
  replyToId: string;
  body: string;
  status: MessageStatus;
  /** What was looked up on the way. */
  lookups: readonly Omit<Lookup, "id">[];
}

/** What has become of an answer: it is stored; another one was first; or its question was deleted meanwhile. */
export type Kept = "stored" | "superseded" | "question_gone";

/**
 * Stores an answer, what was looked up for it, and the thread's new date: one statement. A question has one answer, so
 * doing it again, as after a lost connection, changes nothing and says the same. Markdown beyond the budget is stored as
 * the text that it is.
 */
export async function keepAnswer(db: Database, answer: Answer): Promise<Kept> {
  try {
    return await insertAnswer(db, { ...answer, body: withinBudget(answer.body) });
  } catch (error) {
    if (isForeignKeyViolation(error)) return "question_gone"; // while the statement ran
    throw error;
  }
}

async function insertAnswer(db: Database, { id, replyToId, body, status, lookups }: Answer): Promise<Kept> {
  const { rows } = await db.execute<{ question_id: string | null; answer_id: string | null }>(sql`
    with question as (
      select id, thread_id from messages where id = ${replyToId} and role = 'user'
    ), answer as (
      insert into messages (id, thread_id, role, body, status, reply_to_id)
        select ${id}::uuid, thread_id, 'assistant', ${body}, ${status}, id from question
        on conflict (tenant_id, reply_to_id) do nothing
        returning id, thread_id
    ), looked_up as (
      insert into tool_calls (message_id, name, input, output, created_at, finished_at)
        select answer.id, name, input, output, clock_timestamp(), now()
          from answer, jsonb_to_recordset(${JSON.stringify(lookups)}::jsonb) as t (name text, input jsonb, output jsonb)
    ), spoken as (
      update chat_threads set updated_at = now() from answer where chat_threads.id = answer.thread_id
    )
    select (select id from question) as question_id,
           coalesce((select id from answer), (select id from messages where reply_to_id = ${replyToId})) as answer_id`);
  const [row] = rows;
  if (row?.question_id == null) return "question_gone";
  return row.answer_id === id ? "stored" : "superseded";
}
