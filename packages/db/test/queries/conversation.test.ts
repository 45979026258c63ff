import { randomUUID } from "node:crypto";
import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { type Answer, keepAnswer } from "../../src/queries/answers.ts";
import {
  deleteThread,
  findThread,
  findThreadOwner,
  listThreads,
  renameThread,
  titleThread,
} from "../../src/queries/chat-threads.ts";
import {
  listConversation,
  listExchange,
  listMessages,
  listRecentMessages,
} from "../../src/queries/messages.ts";
import { addQuestion, openWithQuestion, type Question, retryQuestion } from "../../src/queries/questions.ts";
import { toolCalls } from "../../src/schema/index.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { BETH, CALLUM, COOPERS_QUAY, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

const database = usePortalDatabase();

const harbour = () => forTenant(HARBOUR);
const MINUTE_MS = 60_000;

function question(fields: Partial<Question> = {}): Question {
  const body = "How do I bleed a radiator?";
  const lookup = { id: randomUUID(), name: "search", input: { query: body }, output: { passages: [1] } };
  return { threadId: randomUUID(), homeownerId: PRIYA, clientMessageId: "one", body, lookup, ...fields };
}

async function opened(fields: Partial<Question> = {}) {
  const asked = question(fields);
  const added = await openWithQuestion(harbour(), { ...asked, title: "Radiators" });
  if (added === null) throw new Error("the question was not added");
  return { asked, messageId: added.messageId, owner: { threadId: asked.threadId, homeownerId: PRIYA } };
}

const lookupsOf = (messageId: string) =>
  harbour().select().from(toolCalls).where(eq(toolCalls.messageId, messageId));

const answer = (replyToId: string, fields: Partial<Answer> = {}): Answer => ({
  id: randomUUID(),
  replyToId,
  body: "With the key.",
  status: "complete",
  lookups: [],
  ...fields,
});

test("a first question opens its thread and is stored with what was looked up", async () => {
  const { asked, messageId, owner } = await opened();
  expect(await findThread(harbour(), owner)).toMatchObject({ title: "Radiators", titledBy: "opening" });
  expect(await listConversation(harbour(), owner)).toEqual([
    {
      id: messageId,
      role: "user",
      body: asked.body,
      status: "complete",
      clientMessageId: "one",
      replyToId: null,
      createdAt: expect.any(Date),
      toolCalls: [asked.lookup],
    },
  ]);
  expect(await lookupsOf(messageId)).toMatchObject([{ finishedAt: expect.any(Date) }]);
});

test("a question and its lookup are stored together or not at all", async () => {
  const { asked, owner } = await opened();
  const again = question({ threadId: owner.threadId, clientMessageId: "two", lookup: asked.lookup });
  await expect(addQuestion(harbour(), again)).rejects.toThrow(); // a lookup of this id is there
  expect(await listMessages(harbour(), owner.threadId)).toHaveLength(1);
});

test("ten openings of one thread with one question at once are one thread and one question", async () => {
  const asked = { ...question(), title: "Once" };
  const openings = Array.from({ length: 10 }, () => ({
    ...asked,
    lookup: { ...asked.lookup, id: randomUUID() },
  }));
  const added = await Promise.all(openings.map((opening) => openWithQuestion(harbour(), opening)));
  expect(added.filter((each) => each !== null)).toHaveLength(1);
  expect(await listConversation(harbour(), asked)).toMatchObject([{ toolCalls: [{ name: "search" }] }]);
});

test("nobody asks in somebody else's thread, nor opens it again", async () => {
  const { asked, owner } = await opened();
  const foreign = question({ threadId: owner.threadId, homeownerId: CALLUM, clientMessageId: "mine" });
  expect(await addQuestion(harbour(), foreign)).toBeNull();
  expect(await openWithQuestion(harbour(), { ...foreign, title: "Mine" })).toBeNull();
  const prying = { ...asked, homeownerId: CALLUM, patienceMs: 0 };
  expect(await retryQuestion(harbour(), prying)).toEqual({ outcome: "no_thread" });
  expect(await listMessages(harbour(), owner.threadId)).toHaveLength(1);
  expect(await findThread(harbour(), { ...owner, homeownerId: CALLUM })).toBeNull();
  // To another company the id is free: what is said there is in a thread of its own.
  const elsewhere = question({ threadId: owner.threadId, homeownerId: BETH });
  expect(await addQuestion(forTenant(NORTHGATE), elsewhere)).toBeNull();
  expect(await openWithQuestion(forTenant(NORTHGATE), { ...elsewhere, title: "Theirs" })).not.toBeNull();
  expect(await listMessages(harbour(), owner.threadId)).toHaveLength(1);
  expect(await listMessages(forTenant(NORTHGATE), owner.threadId)).toHaveLength(1);
  expect(await addQuestion(harbour(), question({ threadId: "no-uuid" }))).toBeNull();
});

test("an answer is stored once, with what was looked up for it in its order", async () => {
  const { messageId, owner } = await opened();
  const lookups = ["b", "a", "c"].map((query) => ({ name: "search", input: { query }, output: { query } }));
  const given = answer(messageId, { lookups });
  expect(await keepAnswer(harbour(), given)).toBe("stored");
  expect(await keepAnswer(harbour(), given)).toBe("stored");
  expect(await keepAnswer(harbour(), answer(messageId))).toBe("superseded");
  const [, stored] = await listConversation(harbour(), owner);
  expect(stored).toMatchObject({ id: given.id, role: "assistant", replyToId: messageId, status: "complete" });
  expect((await listExchange(harbour(), messageId)).map(({ id }) => id)).toEqual([messageId, given.id]);
  expect(await listExchange(forTenant(NORTHGATE), messageId)).toEqual([]);
  expect(stored?.toolCalls.map(({ input }) => input)).toEqual(lookups.map(({ input }) => input));
});

test("of ten answers at once one is stored", async () => {
  const { messageId, owner } = await opened();
  const answers = Array.from({ length: 10 }, () => answer(messageId));
  const kept = await Promise.all(answers.map((each) => keepAnswer(harbour(), each)));
  expect(kept.filter((outcome) => outcome === "stored")).toHaveLength(1);
  expect(await listMessages(harbour(), owner.threadId)).toHaveLength(2);
});

test("an answer to a question that was deleted, or is another company's, is not stored", async () => {
  const { messageId, owner } = await opened();
  expect(await keepAnswer(forTenant(NORTHGATE), answer(messageId))).toBe("question_gone");
  expect(await deleteThread(harbour(), { ...owner, homeownerId: CALLUM })).toBe(false);
  expect(await deleteThread(harbour(), owner)).toBe(true);
  expect(await keepAnswer(harbour(), answer(messageId))).toBe("question_gone");
  expect(await lookupsOf(messageId)).toEqual([]);
});

/** Deletes a thread in a transaction that commits once `work` waits for it. */
function whileDeleting<T>(threadId: string, work: () => Promise<T>): Promise<T> {
  const blocked =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  const { superuserUrl } = database();
  const waiting = () => asSuperuser(superuserUrl, async (client) => (await client.query(blocked)).rowCount);
  return asSuperuser(superuserUrl, async (client) => {
    await client.query("begin");
    await client.query("delete from chat_threads where id = $1", [threadId]);
    const outcome = work();
    await waitFor(async () => (await waiting()) === 1, { what: "the work to wait for the deletion" });
    await client.query("commit");
    return outcome;
  });
}

test("what comes while its thread is being deleted is not stored, and is no error", async () => {
  const { messageId, owner } = await opened();
  const { threadId } = owner;
  expect(await whileDeleting(threadId, () => keepAnswer(harbour(), answer(messageId)))).toBe("question_gone");
  const other = await opened({ clientMessageId: "other" });
  const late = question({ threadId: other.owner.threadId, clientMessageId: "two" });
  expect(await whileDeleting(late.threadId, () => addQuestion(harbour(), late))).toBeNull();
  for (const id of [threadId, late.threadId]) expect(await listMessages(harbour(), id)).toEqual([]);
});

test("a question sent again is answered, under way, or given up, as its answer is", async () => {
  const { asked, messageId, owner } = await opened();
  const again = (patienceMs: number, fields: Partial<Question> = {}) =>
    retryQuestion(harbour(), {
      ...asked,
      lookup: { ...asked.lookup, id: randomUUID() },
      ...fields,
      patienceMs,
    });
  expect(await again(MINUTE_MS)).toEqual({ outcome: "under_way" });
  expect(await again(MINUTE_MS, { body: "Something else" })).toEqual({ outcome: "other_text" });
  expect(await again(MINUTE_MS, { clientMessageId: "unknown" })).toEqual({ outcome: "no_thread" });
  // Nobody stored the first answer. Of two who notice at once, one sees to another.
  const both = await Promise.all([again(1), again(MINUTE_MS)]);
  expect(both.map(({ outcome }) => outcome).sort()).toEqual(["asked", "under_way"]);
  expect(await lookupsOf(messageId)).toHaveLength(1);

  const lookups = [{ name: "search", input: {}, output: {} }];
  await keepAnswer(harbour(), answer(messageId, { status: "aborted", lookups }));
  expect(await again(MINUTE_MS)).toEqual({ outcome: "asked", messageId });
  expect(await again(MINUTE_MS)).toEqual({ outcome: "under_way" });
  expect(await listConversation(harbour(), owner)).toMatchObject([{ toolCalls: [{ name: "search" }] }]);

  await keepAnswer(harbour(), answer(messageId));
  expect(await again(0)).toEqual({ outcome: "answered", messageId });
  expect(await listMessages(harbour(), owner.threadId)).toHaveLength(2);
});

test("speaking moves a thread to the front; what changes nothing does not", async () => {
  const { asked, messageId, owner } = await opened();
  await opened({ clientMessageId: "other" });
  const first = async () => (await listThreads(harbour(), { homeownerId: PRIYA }))[0]?.id;
  expect(await first()).not.toBe(owner.threadId);
  await addQuestion(harbour(), asked);
  expect(await first()).not.toBe(owner.threadId);
  await keepAnswer(harbour(), answer(messageId));
  expect(await first()).toBe(owner.threadId);
});

test("a thread's owner is where they live, with their own thread", async () => {
  const { owner } = await opened();
  expect(await findThreadOwner(harbour(), owner)).toEqual({
    developmentId: COOPERS_QUAY,
    thread: await findThread(harbour(), owner),
  });
  const noThread = { developmentId: COOPERS_QUAY, thread: null };
  expect(await findThreadOwner(harbour(), { ...owner, homeownerId: CALLUM })).toEqual(noThread);
  expect(await findThreadOwner(harbour(), { ...owner, threadId: randomUUID() })).toEqual(noThread);
  expect(await findThreadOwner(forTenant(NORTHGATE), owner)).toBeNull();
  expect(await findThreadOwner(db, owner)).toBeNull();
});

test("a homeowner's title is kept; a job's comes only after the talking", async () => {
  const { owner } = await opened();
  const { threadId } = owner;
  const { updatedAt } = (await findThread(harbour(), owner)) ?? {};
  const earlier = new Date(Date.now() - MINUTE_MS);
  const later = new Date(Date.now() + MINUTE_MS);
  expect(await titleThread(harbour(), { threadId, title: "Job", idleSince: earlier })).toBe(false);
  expect(await titleThread(forTenant(NORTHGATE), { threadId, title: "Job", idleSince: later })).toBe(false);
  expect(await titleThread(harbour(), { threadId, title: "Job", idleSince: later })).toBe(true);
  expect(await titleThread(harbour(), { threadId, title: "Again", idleSince: later })).toBe(false);
  expect(await renameThread(harbour(), { ...owner, homeownerId: CALLUM, title: "His" })).toBe(false);
  expect(await renameThread(harbour(), { ...owner, title: "Mine" })).toBe(true);
  expect(await titleThread(harbour(), { threadId, title: "Job", idleSince: later })).toBe(false);
  expect(await findThread(harbour(), owner)).toMatchObject({
    title: "Mine",
    titledBy: "homeowner",
    updatedAt,
  });
});

test("a long conversation is read from its end", async () => {
  const { messageId, owner } = await opened();
  await keepAnswer(harbour(), answer(messageId));
  await addQuestion(harbour(), question({ threadId: owner.threadId, clientMessageId: "two" }));
  const { threadId } = owner;
  const all = await listMessages(harbour(), threadId);
  expect(await listRecentMessages(harbour(), { threadId, limit: 2 })).toEqual(all.slice(1));
  const ids = (await listConversation(harbour(), { threadId, limit: 2 })).map(({ id }) => id);
  expect(ids).toEqual(all.slice(1).map(({ id }) => id));
  expect(await listConversation(harbour(), { threadId: "no-uuid" })).toEqual([]);
  expect(await listConversation(forTenant(NORTHGATE), { threadId })).toEqual([]);
});

test("an answer whose Markdown is beyond the budget is stored as the text that it is", async () => {
  const { messageId, owner } = await opened();
  const body = `${"|a".repeat(300)}|\n${"|-".repeat(300)}|\n${"|\n".repeat(1_500)}`;
  expect(await keepAnswer(harbour(), answer(messageId, { body }))).toBe("stored");
  const [, kept] = await listConversation(harbour(), owner);
  expect(kept?.body).toBe(`\`\`\`\n${body}\n\`\`\``);
});
