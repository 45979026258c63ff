import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { db, forTenant } from "../../src/client.ts";
import { listThreads } from "../../src/queries/chat-threads.ts";
import { listMessages } from "../../src/queries/messages.ts";
import { addQuestion, openWithQuestion } from "../../src/queries/questions.ts";
import { openThread, questionIn } from "../support/conversation.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { BETH, CALLUM, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();

test("threads are a homeowner's own, the one spoken in last first", async () => {
  const harbour = forTenant(HARBOUR);
  const first = await openThread(harbour, PRIYA, "Radiators");
  await openThread(harbour, PRIYA, "Bins");
  await openThread(harbour, CALLUM, "Parking");
  const titles = async () => (await listThreads(harbour, { homeownerId: PRIYA })).map(({ title }) => title);
  expect(await titles()).toEqual(["Bins", "Radiators"]);
  await addQuestion(harbour, questionIn(first, PRIYA, "Still cold."));
  expect(await titles()).toEqual(["Radiators", "Bins"]);
  expect(await listThreads(harbour, { homeownerId: PRIYA, limit: 1 })).toMatchObject([{ id: first }]);
  expect(await listThreads(forTenant(NORTHGATE), { homeownerId: PRIYA })).toEqual([]);
  const foreign = openWithQuestion(harbour, { ...questionIn(randomUUID(), BETH, "x"), title: "x" });
  expect(await outcomeOf(foreign)).toBe("23503");
});

test("messages keep their order, within one transaction too", async () => {
  const harbour = forTenant(HARBOUR);
  const bodies = Array.from({ length: 20 }, (_, n) => `Message ${n}`);
  const threadId = await harbour.transaction(async (tx) => {
    const id = await openThread(tx, PRIYA, "Message 0");
    for (const body of bodies.slice(1)) await addQuestion(tx, questionIn(id, PRIYA, body));
    return id;
  });
  const found = await listMessages(harbour, threadId);
  expect(found.map(({ body }) => body)).toEqual(bodies);
  expect(found[0]).toEqual({
    id: expect.any(String),
    role: "user",
    body: "Message 0",
    status: "complete",
    clientMessageId: expect.any(String),
    replyToId: null,
    createdAt: expect.any(Date),
  });
});

test("a question sent again is there once, also when it comes ten times at once", async () => {
  const harbour = forTenant(HARBOUR);
  const threadId = await openThread(harbour, PRIYA, "Again");
  const question = () => ({ ...questionIn(threadId, PRIYA, "Hello?"), clientMessageId: "one" });
  const added = await Promise.all(Array.from({ length: 10 }, () => addQuestion(harbour, question())));
  expect(added.filter((each) => each !== null)).toHaveLength(1);
  expect(await listMessages(harbour, threadId)).toMatchObject([
    { body: "Again" },
    { clientMessageId: "one", body: "Hello?" },
  ]);

  // The same id in another thread is another question.
  const other = await openThread(harbour, PRIYA, "Other");
  expect(await addQuestion(harbour, { ...question(), threadId: other })).not.toBeNull();
});

test("a question in another tenant's thread is not added, and reading one gives nothing", async () => {
  const threadId = await openThread(forTenant(HARBOUR), PRIYA, "Mine");
  expect(await addQuestion(forTenant(NORTHGATE), questionIn(threadId, PRIYA, "Hello"))).toBeNull();
  expect(await addQuestion(forTenant(NORTHGATE), questionIn(threadId, BETH, "Hello"))).toBeNull();
  expect(await listMessages(forTenant(HARBOUR), threadId)).toHaveLength(1);
  expect(await listMessages(forTenant(NORTHGATE), threadId)).toEqual([]);
  expect(await listMessages(db, threadId)).toEqual([]);
  expect(await listMessages(forTenant(HARBOUR), "no-uuid")).toEqual([]);
});
