import { expect, test } from "vitest";
import { db, forTenant } from "../../client.ts";
import { createThread, listThreads } from "../../queries/chat-threads.ts";
import { addMessage, listMessages } from "../../queries/messages.ts";
import { finishToolCall, listToolCalls, recordToolCall } from "../../queries/tool-calls.ts";
import { usePortalDatabase } from "../support/portal-database.ts";
import { outcomeOf } from "../support/sqlstate.ts";
import { BETH, CALLUM, HARBOUR, NORTHGATE, PRIYA } from "../support/tenants.ts";

usePortalDatabase();

test("threads are a homeowner's own, the one spoken in last first", async () => {
  const harbour = forTenant(HARBOUR);
  const first = await createThread(harbour, { homeownerId: PRIYA, title: "Radiators" });
  const second = await createThread(harbour, { homeownerId: PRIYA, title: "Bins" });
  await createThread(harbour, { homeownerId: CALLUM, title: "Parking" });
  const titles = async () => (await listThreads(harbour, { homeownerId: PRIYA })).map(({ title }) => title);
  expect(await titles()).toEqual(["Bins", "Radiators"]);
  await addMessage(harbour, { threadId: first, role: "user", body: "Still cold." });
  expect(await titles()).toEqual(["Radiators", "Bins"]);
  expect(await listThreads(harbour, { homeownerId: PRIYA, limit: 1 })).toMatchObject([{ id: first }]);
  expect(await listMessages(harbour, second)).toEqual([]);
  expect(await listThreads(forTenant(NORTHGATE), { homeownerId: PRIYA })).toEqual([]);
  expect(await outcomeOf(createThread(harbour, { homeownerId: BETH, title: "x" }))).toBe("23503");
});

test("messages keep their order, within one transaction too", async () => {
  const harbour = forTenant(HARBOUR);
  const threadId = await createThread(harbour, { homeownerId: PRIYA, title: "Order" });
  const bodies = Array.from({ length: 20 }, (_, n) => `Message ${n}`);
  await harbour.transaction(async (tx) => {
    for (const body of bodies) await addMessage(tx, { threadId, role: "assistant", body, status: "aborted" });
  });
  const found = await listMessages(harbour, threadId);
  expect(found.map(({ body }) => body)).toEqual(bodies);
  expect(found[0]).toEqual({
    id: expect.any(String),
    role: "assistant",
    body: "Message 0",
    status: "aborted",
    clientMessageId: null,
    replyToId: null,
    createdAt: expect.any(Date),
  });
});

test("a message sent again is there once, also when it comes ten times at once", async () => {
  const harbour = forTenant(HARBOUR);
  const threadId = await createThread(harbour, { homeownerId: PRIYA, title: "Again" });
  const message = { threadId, role: "user", body: "Hello?", clientMessageId: "one" } as const;
  const results = await Promise.all(Array.from({ length: 10 }, () => addMessage(harbour, message)));
  expect(results.filter(({ added }) => added)).toHaveLength(1);
  expect(new Set(results.map(({ id }) => id)).size).toBe(1);
  expect(await listMessages(harbour, threadId)).toMatchObject([{ clientMessageId: "one", body: "Hello?" }]);

  // The same id in another thread is another message, and messages without one are all kept.
  const other = await createThread(harbour, { homeownerId: PRIYA, title: "Other" });
  expect(await addMessage(harbour, { ...message, threadId: other })).toMatchObject({ added: true });
  for (const body of ["a", "a"]) await addMessage(harbour, { threadId: other, role: "user", body });
  expect(await listMessages(harbour, other)).toHaveLength(3);
});

test("a message in another tenant's thread is refused, and reading one gives nothing", async () => {
  const threadId = await createThread(forTenant(HARBOUR), { homeownerId: PRIYA, title: "Mine" });
  await addMessage(forTenant(HARBOUR), { threadId, role: "user", body: "Secret" });
  const foreign = addMessage(forTenant(NORTHGATE), { threadId, role: "user", body: "Hello" });
  expect(await outcomeOf(foreign)).toBe("23503");
  expect(await listMessages(forTenant(NORTHGATE), threadId)).toEqual([]);
  expect(await listMessages(db, threadId)).toEqual([]);
  expect(await listMessages(forTenant(HARBOUR), "no-uuid")).toEqual([]);
});

test("a tool call is recorded when it starts and finished once", async () => {
  const harbour = forTenant(HARBOUR);
  const threadId = await createThread(harbour, { homeownerId: PRIYA, title: "Tools" });
  const { id: messageId } = await addMessage(harbour, { threadId, role: "assistant", body: "" });
  const id = await recordToolCall(harbour, { messageId, name: "search", input: { query: "boiler" } });
  expect(await listToolCalls(harbour, threadId)).toEqual([
    {
      id,
      messageId,
      name: "search",
      input: { query: "boiler" },
      output: null,
      createdAt: expect.any(Date),
      finishedAt: null,
    },
  ]);
  expect(await finishToolCall(forTenant(NORTHGATE), { id, output: {} })).toBe(false);
  expect(await finishToolCall(harbour, { id, output: ["found", 1] })).toBe(true);
  expect(await finishToolCall(harbour, { id, output: "again" })).toBe(false);
  expect(await listToolCalls(harbour, threadId)).toMatchObject([
    { output: ["found", 1], finishedAt: expect.any(Date) },
  ]);
  expect(await listToolCalls(forTenant(NORTHGATE), threadId)).toEqual([]);
});
