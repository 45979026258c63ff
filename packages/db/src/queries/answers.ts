import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { withinBudget } from "../markdown/budget.ts";
import type { MessageStatus } from "../schema/index.ts";
import { isForeignKeyViolation } from "../violations.ts";
import type { Lookup } from "./questions.ts";
import { UNANSWERED_CHARACTERS } from "./unanswered.ts";

export interface Answer {
  id: string;
  /** The question's message. */
  replyToId: string;
  body: string;
  status: MessageStatus;
  /** What was looked up on the way. */
  lookups: readonly Omit<Lookup, "id">[];
  /** The documents do not say; staff are shown the question. @default false */
  nothingKnown?: boolean;
}

/** What has become of an answer: it is stored; another one was first; or its question was deleted meanwhile. */
export type Kept = "stored" | "superseded" | "question_gone";

/**
 * Stores an answer, what was looked up for it, the thread's new date, and, where nothing is known about it, the question among
 * the unanswered: one statement. A question has one answer, so doing it again, as after a lost connection, changes nothing and
 * says the same. Markdown beyond the budget is stored as the text that it is.
 */
export async function keepAnswer(db: Database, answer: Answer): Promise<Kept> {
  try {
    return await insertAnswer(db, { ...answer, body: withinBudget(answer.body) });
  } catch (error) {
    if (isForeignKeyViolation(error)) return "question_gone"; // while the statement ran
    throw error;
  }
}

async function insertAnswer(db: Database, answer: Answer): Promise<Kept> {
  const { id, replyToId, body, status, lookups, nothingKnown = false } = answer;
  const { rows } = await db.execute<{ question_id: string | null; answer_id: string | null }>(sql`
    with question as (
      select id, thread_id, body from messages where id = ${replyToId} and role = 'user'
    ), answer as (
      insert into messages (id, thread_id, role, body, status, reply_to_id)
        select ${id}::uuid, thread_id, 'assistant', ${body}, ${status}, id from question
        on conflict (tenant_id, reply_to_id) do nothing
        returning id, thread_id
    ), looked_up as (
      insert into tool_calls (message_id, name, input, output, created_at, finished_at)
        select answer.id, name, input, output, clock_timestamp(), now()
          from answer, jsonb_to_recordset(${JSON.stringify(lookups)}::jsonb) as t (name text, input jsonb, output jsonb)
    ), in_vain as (
      insert into unanswered (development_id, homeowner_id, kind, body, message_id)
        select u.development_id, h.id, 'question', left(question.body, ${UNANSWERED_CHARACTERS}), question.id
          from answer join question on question.thread_id = answer.thread_id
          join chat_threads thread on thread.id = answer.thread_id
          join homeowners h on h.tenant_id = thread.tenant_id and h.id = thread.homeowner_id
          join units u on u.tenant_id = h.tenant_id and u.id = h.unit_id
         where ${nothingKnown}
        on conflict do nothing
    ), spoken as (
      update chat_threads set updated_at = now() from answer where chat_threads.id = answer.thread_id
    )
    select (select id from question) as question_id,
           coalesce((select id from answer), (select id from messages where reply_to_id = ${replyToId})) as answer_id`);
  const [row] = rows;
  if (row?.question_id == null) return "question_gone";
  return row.answer_id === id ? "stored" : "superseded";
}
