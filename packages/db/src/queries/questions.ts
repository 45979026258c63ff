import { and, desc, eq, gt, inArray, ne, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { chatThreads, messages, toolCalls } from "../schema/index.ts";
import { isUuid } from "../uuid.ts";
import { isForeignKeyViolation } from "../violations.ts";

/** What was looked up, and what was found. */
export interface Lookup {
  id: string;
  name: string;
  input: unknown;
  output: unknown;
}

export interface Question {
  threadId: string;
  homeownerId: string;
  /** Chosen by the sender; asking a second time adds nothing. */
  clientMessageId: string;
  body: string;
  /** The first lookup for it. */
  lookup: Lookup;
}

/**
 * - `asked`: it is stored with its lookup, and whoever asked has to see to the answer;
 * - `answered`: a whole answer is there, nothing was written;
 * - `under_way`: somebody else sees to the answer, nothing was written;
 * - `other_text`: another text was sent under this id, nothing was written;
 * - `no_thread`: the homeowner has no such thread, nothing was written.
 */
export type Asked =
  | { outcome: "asked"; messageId: string }
  | { outcome: "answered"; messageId: string }
  | { outcome: "under_way" | "other_text" | "no_thread" };

/**
 * Opens a thread with its first question. Where the homeowner has opened it in the meantime, it goes on there; a thread
 * of somebody else's is `no_thread`.
 */
export function openWithQuestion(
  db: Database,
  { title, ...question }: Question & { title: string },
): Promise<{ messageId: string } | null> {
  return db.transaction(async (tx) => {
    const { threadId: id, homeownerId } = question;
    await tx.insert(chatThreads).values({ id, homeownerId, title }).onConflictDoNothing();
    return insertQuestion(tx, question);
  });
}

/**
 * Adds a question, its lookup, and the thread's new date: one statement. Null where the homeowner has no such thread,
 * or where a message of this client id is in it already; nothing is written then, and `retryQuestion` knows which.
 */
export async function addQuestion(db: Database, question: Question): Promise<{ messageId: string } | null> {
  if (!isUuid(question.threadId)) return null;
  try {
    return await insertQuestion(db, question);
  } catch (error) {
    if (isForeignKeyViolation(error)) return null; // the thread was deleted while the statement ran
    throw error;
  }
}

/**
 * Adds a question in the place of the thread's last one, which goes with its answer: in one transaction, so that there is one of
 * them whatever happens. Where none of `replaces` was ever stored, the question is added as any other.
 *
 * @param replaces client message ids of the question that gives way, and of its earlier versions.
 * @param title of a conversation in which nothing else was asked, so that its title keeps no words that were edited away; one that
 * the homeowner has given stays.
 * @param opens the thread, where it is not there: the first question has given way before it was stored. @default false
 * @returns `not_last` where another question was asked since, or has taken the place of one of `replaces`, and null as {@link addQuestion} does; nothing is written then.
 */
export async function replaceLastQuestion(
  db: Database,
  {
    replaces,
    title,
    opens = false,
    ...question
  }: Question & { replaces: readonly string[]; title: string; opens?: boolean },
): Promise<{ messageId: string } | "not_last" | null> {
  const { threadId, homeownerId } = question;
  if (!isUuid(threadId)) return null;
  try {
    return await db.transaction(async (tx) => {
      if (opens)
        await tx.insert(chatThreads).values({ id: threadId, homeownerId, title }).onConflictDoNothing();
      if (!(await lockThread(tx, question))) return null;
      const asked = await tx
        .select({
          id: messages.id,
          clientMessageId: messages.clientMessageId,
          replacedIds: messages.replacedIds,
        })
        .from(messages)
        .where(and(eq(messages.threadId, threadId), eq(messages.role, "user")))
        .orderBy(desc(messages.createdAt), desc(messages.id));
      const old = asked.filter((each) => replaces.includes(each.clientMessageId ?? ""));
      if (!asked.slice(0, old.length).every((each) => old.includes(each))) return "not_last";
      // Two windows with the same question: the second to change it has not seen what stands there now.
      const isReplaced = asked.some(
        (each) =>
          each.clientMessageId !== question.clientMessageId &&
          !old.includes(each) &&
          each.replacedIds?.some((id) => replaces.includes(id)),
      );
      if (isReplaced) return "not_last";
      if (old.length > 0)
        await tx.delete(messages).where(
          inArray(
            messages.id,
            old.map(({ id }) => id),
          ),
        );
      if (old.length > 0 && old.length === asked.length)
        await tx
          .update(chatThreads)
          .set({ title, titledBy: "opening" })
          .where(and(eq(chatThreads.id, threadId), ne(chatThreads.titledBy, "homeowner")));
      const replacedIds = [...new Set([...replaces, ...old.flatMap((each) => each.replacedIds ?? [])])];
      return insertQuestion(tx, { ...question, replacedIds });
    });
  } catch (error) {
    if (isForeignKeyViolation(error)) return null; // the thread was deleted while it ran
    throw error;
  }
}

/**
 * Has whoever else writes in this thread wait until the transaction is over; what is read from then on is what they left. Whoever
 * locks a thread and its messages locks the thread first, as its deletion and each message's statement do. False where the
 * homeowner has no such thread.
 */
async function lockThread(
  tx: Database,
  { threadId, homeownerId }: { threadId: string; homeownerId: string },
): Promise<boolean> {
  const locked = await tx
    .select({ id: chatThreads.id })
    .from(chatThreads)
    .where(and(eq(chatThreads.id, threadId), eq(chatThreads.homeownerId, homeownerId)))
    // Not "update", which each message's reference to its thread would wait for.
    .for("no key update");
  return locked.length > 0;
}

async function insertQuestion(
  db: Database,
  {
    threadId,
    homeownerId,
    clientMessageId,
    body,
    lookup,
    replacedIds,
  }: Question & { replacedIds?: readonly string[] },
): Promise<{ messageId: string } | null> {
  const replaced = replacedIds === undefined ? null : JSON.stringify(replacedIds);
  const { rows } = await db.execute<{ message_id: string }>(sql`
    with thread as (
      select id from chat_threads where id = ${threadId} and homeowner_id = ${homeownerId} for no key update
    ), question as (
      insert into messages (thread_id, role, body, client_message_id, replaced_ids)
        select id, 'user', ${body}, ${clientMessageId},
               (select array_agg(id) from jsonb_array_elements_text(${replaced}::jsonb) as replaced (id))
          from thread
        on conflict (tenant_id, thread_id, client_message_id) do nothing
        returning id, thread_id
    ), looked_up as (
      insert into tool_calls (id, message_id, name, input, output, finished_at)
        select ${lookup.id}::uuid, id, ${lookup.name}, ${JSON.stringify(lookup.input)}::jsonb,
               ${JSON.stringify(lookup.output)}::jsonb, now()
          from question
    ), spoken as (
      update chat_threads set updated_at = now() from question where chat_threads.id = question.thread_id
    )
    select id as message_id from question`);
  const [added] = rows;
  return added === undefined ? null : { messageId: added.message_id };
}

/**
 * Decides about a question that was sent before. An aborted answer, or one that nobody has stored, is given up: what
 * belongs to it is deleted, and the caller sees to a new one.
 *
 * @param patienceMs how long after its lookup an answer that is not stored counts as under way, in another process too;
 * 0 where the caller knows that it is not.
 */
export function retryQuestion(
  db: Database,
  { threadId, homeownerId, clientMessageId, body, lookup, patienceMs }: Question & { patienceMs: number },
): Promise<Asked> {
  return db.transaction(async (tx): Promise<Asked> => {
    // Locked first and read afterwards, so that of two who ask at once the second sees what the first has done.
    if (!(await lockThread(tx, { threadId, homeownerId }))) return { outcome: "no_thread" };
    const [question] = await tx
      .select({ id: messages.id, body: messages.body })
      .from(messages)
      .where(and(eq(messages.threadId, threadId), eq(messages.clientMessageId, clientMessageId)));
    if (question === undefined) return { outcome: "no_thread" };
    if (question.body !== body) return { outcome: "other_text" };
    const messageId = question.id;
    const [answer] = await tx
      .select({ status: messages.status })
      .from(messages)
      .where(eq(messages.replyToId, messageId));
    if (answer?.status === "complete") return { outcome: "answered", messageId };
    if (answer === undefined && (await isFresh(tx, messageId, patienceMs))) return { outcome: "under_way" };
    await tx.delete(messages).where(eq(messages.replyToId, messageId));
    await tx.delete(toolCalls).where(eq(toolCalls.messageId, messageId));
    await tx.insert(toolCalls).values({ ...lookup, messageId, finishedAt: sql`now()` });
    await tx.update(chatThreads).set({ updatedAt: sql`now()` }).where(eq(chatThreads.id, threadId));
    return { outcome: "asked", messageId };
  });
}

async function isFresh(db: Database, messageId: string, patienceMs: number): Promise<boolean> {
  const recent = await db
    .select({ id: toolCalls.id })
    .from(toolCalls)
    .where(
      and(
        eq(toolCalls.messageId, messageId),
        gt(toolCalls.createdAt, sql`now() - ${patienceMs} * interval '1 millisecond'`),
      ),
    )
    .limit(1);
  return recent.length > 0;
}
