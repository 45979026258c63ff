import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { forTenant } from "../../src/client.ts";
import { keepAnswer } from "../../src/queries/answers.ts";
import { listMessages } from "../../src/queries/messages.ts";
import { addQuestion, replaceLastQuestion, retryQuestion } from "../../src/queries/questions.ts";
import { toolCalls } from "../../src/schema/index.ts";
import { openThread, questionIn } from "../support/conversation.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
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
  const question = { ...questionIn(threadId, PRIYA, "Second"), replaces: [firstId] };
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
  const late = { ...questionIn(threadId, PRIYA, "Late"), replaces: [firstId] };
  expect(await replaceLastQuestion(harbour(), late)).toBe("not_last");
  expect(await bodies(threadId)).toEqual(["First", "Answer", "Since"]);
  const unknown = { ...questionIn(threadId, PRIYA, "Other"), replaces: ["never-stored"] };
  expect(await replaceLastQuestion(harbour(), unknown)).toMatchObject({ messageId: expect.any(String) });
  expect(await bodies(threadId)).toEqual(["First", "Answer", "Since", "Other"]);
});

test("of ten that take the place of one question at once, each other one sees what the first has done", async () => {
  const { threadId, firstId } = await answeredThread();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, () =>
      replaceLastQuestion(harbour(), {
        ...questionIn(threadId, PRIYA, "Anew"),
        clientMessageId: "anew",
        replaces: [firstId],
      }),
    ),
  );
  expect(outcomes.filter((each) => each !== null)).toHaveLength(1);
  expect(await bodies(threadId)).toEqual(["Anew"]);
});

test("a neighbour's question, and another company's, is nobody's to replace", async () => {
  const { threadId, firstId } = await answeredThread();
  for (const [db, homeowner] of [
    [harbour(), CALLUM],
    [forTenant(NORTHGATE), PRIYA],
  ] as const) {
    const question = { ...questionIn(threadId, homeowner, "Mine"), replaces: [firstId] };
    expect(await replaceLastQuestion(db, question)).toBeNull();
  }
  const nowhere = { ...questionIn("no-uuid", PRIYA, "Mine"), replaces: [firstId] };
  expect(await replaceLastQuestion(harbour(), nowhere)).toBeNull();
  expect(await bodies(threadId)).toEqual(["First", "Answer"]);
});
