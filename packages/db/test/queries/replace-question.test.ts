import { randomUUID } from "node:crypto";
import { waitFor } from "@openhouse/pool-testing";
import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import { keepAnswer } from "../../src/queries/answers.ts";
import { findThread, renameThread, titleThread } from "../../src/queries/chat-threads.ts";
import { listMessages } from "../../src/queries/messages.ts";
import {
  addQuestion,
  openWithQuestion,
  replaceLastQuestion,
  retryQuestion,
} from "../../src/queries/questions.ts";
import { chatThreads, messages, toolCalls } from "../../src/schema/index.ts";
import { openThread, questionIn } from "../support/conversation.ts";
import { beyondGrants, usePortalDatabase } from "../support/portal-database.ts";
import { CALLUM, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();
const harbour = () => forTenant(HARBOUR);

/** A thread with an answered question and the client id of that question. */
async function answeredThread() {
  const threadId = await openThread(harbour(), PRIYA, "First");
  const [first] = await listMessages(harbour(), threadId);
  const id = first?.id ?? "";
  await keepAnswer(harbour(), {
    id: randomUUID(),
    replyToId: id,
    body: "Answer",
    status: "complete",
    lookups: [],
  });
  return { threadId, firstId: first?.clientMessageId ?? "" };
}
const bodies = async (threadId: string) => (await listMessages(harbour(), threadId)).map(({ body }) => body);

test("the last question gives way to another with its answer and what was looked up, and nothing is doubled", async () => {
  const { threadId, firstId } = await answeredThread();
  const callsBefore = (await harbour().select().from(toolCalls)).length;
  const question = { ...questionIn(threadId, PRIYA, "Second"), replaces: [firstId], title: "T" };
  expect(await replaceLastQuestion(harbour(), question)).toMatchObject({ messageId: expect.any(String) });
  expect(await bodies(threadId)).toEqual(["Second"]);
  expect(await harbour().select().from(toolCalls)).toHaveLength(callsBefore);
  // Sent again, as after a lost connection.
  expect(await replaceLastQuestion(harbour(), question)).toBeNull();
  expect(await retryQuestion(harbour(), { ...question, patienceMs: 60_000 })).toEqual({
    outcome: "under_way",
  });
  expect(await bodies(threadId)).toEqual(["Second"]);
});

test("a question that another was asked behind stays, and one that was never stored is in nobody's way", async () => {
  const { threadId, firstId } = await answeredThread();
  await addQuestion(harbour(), questionIn(threadId, PRIYA, "Since"));
  const late = { ...questionIn(threadId, PRIYA, "Late"), replaces: [firstId], title: "T" };
  expect(await replaceLastQuestion(harbour(), late)).toBe("not_last");
  expect(await bodies(threadId)).toEqual(["First", "Answer", "Since"]);
  const unknown = { ...questionIn(threadId, PRIYA, "Other"), replaces: ["never-stored"], title: "T" };
  expect(await replaceLastQuestion(harbour(), unknown)).toMatchObject({ messageId: expect.any(String) });
  expect(await bodies(threadId)).toEqual(["First", "Answer", "Since", "Other"]);
});

test("of two windows that change one question, the second is told, and what the first asked stays", async () => {
  const { threadId, firstId } = await answeredThread();
  const changed = (text: string, replaces: string[]) =>
    replaceLastQuestion(harbour(), { ...questionIn(threadId, PRIYA, text), replaces, title: "T" });
  const one = { ...questionIn(threadId, PRIYA, "One"), replaces: [firstId], title: "T" };
  await replaceLastQuestion(harbour(), one);
  expect(await changed("Two", [firstId])).toBe("not_last");
  // With versions of its own that never arrived.
  expect(await changed("Two again", [firstId, "never-stored"])).toBe("not_last");
  expect(await bodies(threadId)).toEqual(["One"]);
  // The first window goes on, also where it has forgotten its oldest version; the second one still hears of it.
  expect(await changed("Three", [one.clientMessageId])).toMatchObject({ messageId: expect.any(String) });
  expect(await changed("Two", [firstId])).toBe("not_last");
  expect(await bodies(threadId)).toEqual(["Three"]);
});

test("of ten that take the place of one question at once, each other one sees what the first has done", async () => {
  const { threadId, firstId } = await answeredThread();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () =>
      replaceLastQuestion(harbour(), {
        ...questionIn(threadId, PRIYA, "Anew"),
        clientMessageId: "anew",
        replaces: [firstId],
        title: "T",
      }),
    ),
  );
  expect(outcomes.filter((each) => each !== null)).toHaveLength(1);
  expect(await bodies(threadId)).toEqual(["Anew"]);
});

test("an edit and the answer to what is edited, saved at once, wait for each other and never in a circle", async () => {
  for (let round = 0; round < 40; round++) {
    const threadId = await openThread(harbour(), PRIYA, "First");
    const [first] = await listMessages(harbour(), threadId);
    const replaces = [first?.clientMessageId ?? ""];
    const [edited, kept] = await Promise.all([
      replaceLastQuestion(harbour(), { ...questionIn(threadId, PRIYA, "Second"), replaces, title: "T" }),
      keepAnswer(harbour(), {
        id: randomUUID(),
        replyToId: first?.id ?? "",
        body: "Answer",
        status: "complete",
        lookups: [],
      }),
    ]);
    expect(edited).toMatchObject({ messageId: expect.any(String) });
    expect(["stored", "question_gone"]).toContain(kept);
    expect(await bodies(threadId)).toEqual(["Second"]);
  }
});

test("an edit and a retry of what is edited, at once, wait for each other and never in a circle", async () => {
  for (let round = 0; round < 40; round++) {
    const threadId = randomUUID();
    const first = questionIn(threadId, PRIYA, "First");
    await openWithQuestion(harbour(), { ...first, title: "First" });
    const [edited, retried] = await Promise.all([
      replaceLastQuestion(harbour(), {
        ...questionIn(threadId, PRIYA, "Second"),
        replaces: [first.clientMessageId],
        title: "T",
      }),
      retryQuestion(harbour(), {
        ...first,
        lookup: questionIn(threadId, PRIYA, "First").lookup,
        patienceMs: 0,
      }),
    ]);
    expect(edited).toMatchObject({ messageId: expect.any(String) });
    expect(["asked", "no_thread"]).toContain(retried.outcome);
    expect(await bodies(threadId)).toEqual(["Second"]);
  }
});

test("a question that is asked while an edit waits for the thread is not passed over", async () => {
  const { threadId, firstId } = await answeredThread();
  const late = { ...questionIn(threadId, PRIYA, "Late"), replaces: [firstId], title: "T" };
  const edit = await beyondGrants().transaction(async (tx) => {
    const thread = and(eq(chatThreads.tenantId, HARBOUR), eq(chatThreads.id, threadId));
    await tx.select().from(chatThreads).where(thread).for("no key update");
    const waiting = replaceLastQuestion(harbour(), late);
    const waiters = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    const isWaiting = async () => (await beyondGrants().execute(waiters)).rows.length === 1;
    await waitFor(isWaiting, { what: "the edit to wait" });
    await tx
      .insert(messages)
      .values({ tenantId: HARBOUR, threadId, role: "user", body: "Since", clientMessageId: "since" });
    return { waiting };
  });
  expect(await edit.waiting).toBe("not_last");
  expect(await bodies(threadId)).toEqual(["First", "Answer", "Since"]);
});

test("a conversation whose only question is replaced is titled anew, unless the homeowner has named it", async () => {
  const titleOf = async (threadId: string) =>
    (await findThread(harbour(), { threadId, homeownerId: PRIYA }))?.title;
  const idleSince = new Date(Date.now() + 60_000);
  for (const isTitledByJob of [false, true]) {
    const { threadId, firstId } = await answeredThread();
    if (isTitledByJob)
      expect(await titleThread(harbour(), { threadId, title: "Firsts", idleSince })).toBe(true);
    const edit = { ...questionIn(threadId, PRIYA, "Second"), replaces: [firstId], title: "Second" };
    await replaceLastQuestion(harbour(), edit);
    expect(await titleOf(threadId)).toBe("Second");
    expect(await titleThread(harbour(), { threadId, title: "Seconds", idleSince })).toBe(true);
  }

  const named = await answeredThread();
  await renameThread(harbour(), { threadId: named.threadId, homeownerId: PRIYA, title: "Mine" });
  const edit = { ...questionIn(named.threadId, PRIYA, "Second"), replaces: [named.firstId], title: "Second" };
  await replaceLastQuestion(harbour(), edit);
  expect(await titleOf(named.threadId)).toBe("Mine");

  const { threadId } = await answeredThread();
  const since = questionIn(threadId, PRIYA, "Since");
  await addQuestion(harbour(), since);
  const ofTwo = {
    ...questionIn(threadId, PRIYA, "Instead"),
    replaces: [since.clientMessageId],
    title: "Instead",
  };
  await replaceLastQuestion(harbour(), ofTwo);
  expect(await titleOf(threadId)).toBe("First");
});

test("an edit of a first question that was not stored opens the thread, and takes the place of one that was meanwhile", async () => {
  const first = questionIn(randomUUID(), PRIYA, "First");
  const { threadId } = first;
  const edit = {
    ...questionIn(threadId, PRIYA, "Second"),
    replaces: [first.clientMessageId],
    title: "Second",
    opens: true,
  };
  expect(await replaceLastQuestion(harbour(), edit)).toMatchObject({ messageId: expect.any(String) });
  expect(await bodies(threadId)).toEqual(["Second"]);

  const other = await answeredThread();
  const late = { ...questionIn(other.threadId, PRIYA, "Late"), replaces: [other.firstId] };
  const opening = { ...late, title: "Late", opens: true };
  expect(await replaceLastQuestion(harbour(), opening)).toMatchObject({ messageId: expect.any(String) });
  expect(await bodies(other.threadId)).toEqual(["Late"]);
  const theirs = { ...questionIn(other.threadId, CALLUM, "Mine"), replaces: [late.clientMessageId] };
  expect(await replaceLastQuestion(harbour(), { ...theirs, title: "T", opens: true })).toBeNull();
  expect(await bodies(other.threadId)).toEqual(["Late"]);
});

test("a neighbour's question, and another company's, is nobody's to replace", async () => {
  const { threadId, firstId } = await answeredThread();
  for (const [db, homeowner] of [
    [harbour(), CALLUM],
    [forTenant(NORTHGATE), PRIYA],
  ] as const) {
    const question = { ...questionIn(threadId, homeowner, "Mine"), replaces: [firstId], title: "T" };
    expect(await replaceLastQuestion(db, question)).toBeNull();
  }
  const nowhere = { ...questionIn("no-uuid", PRIYA, "Mine"), replaces: [firstId], title: "T" };
  expect(await replaceLastQuestion(harbour(), nowhere)).toBeNull();
  expect(await bodies(threadId)).toEqual(["First", "Answer"]);
});
