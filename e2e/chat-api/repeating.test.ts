import { randomUUID } from "node:crypto";
import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { isA } from "../support/chat-api.ts";
import { askChat } from "../support/chat-client.ts";
import type { Reply } from "../support/model-server.ts";
import { end } from "../support/portals.ts";

/** Questions that come again, and readers who leave. */

test("a question sent again doubles nothing: it is told to wait, then gets the stored answer", async ({
  api: { ask, holdModel, stored },
}) => {
  const held = holdModel();
  const first = await ask();
  await first.until(isA("text-delta"));
  const { threadId, messageId } = first;
  const early = await ask({ threadId, messageId });
  expect(early.status).toBe(409);
  expect(early.headers.get("retry-after")).toBe("1");
  expect(await early.json()).toEqual({ error: "answer_under_way" });
  held.finish();
  await first.end();
  const before = await stored(threadId);
  const again = await ask({ threadId, messageId });
  expect(again.status).toBe(200);
  await again.end();
  expect(again.text()).toBe("One. Two.");
  const shape = (chunks: readonly { type: string }[]) =>
    [...new Set(chunks.map(({ type }) => type))].filter((type) => !/step|text-(start|end)/.test(type));
  expect(shape(again.chunks)).toEqual(shape(first.chunks));
  expect(again.chunks[0]?.messageId).toBe(first.chunks[0]?.messageId);
  expect(await stored(threadId)).toEqual(before);
  expect(held.replies).toHaveLength(1);
  const other = await ask({ threadId, messageId, text: "Something else" });
  expect([other.status, await other.json()]).toEqual([400, { error: "message_id_invalid" }]);
});

test("two at the same instant: one is answered, the other told to wait", async ({
  api: { holdModel, portal, priya, start, stored },
}) => {
  const other = await start(); // another instance knows of the first one's answers through the database only
  try {
    const held = holdModel();
    const question = { threadId: randomUUID(), messageId: randomUUID() };
    const both = await Promise.all([
      askChat(portal.url, priya.cookie, question),
      askChat(other.url, priya.cookie, question),
      askChat(portal.url, priya.cookie, question),
      askChat(other.url, priya.cookie, question),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const winner = both.find(({ status }) => status === 200);
    await winner?.until(isA("text-delta"));
    held.finish();
    await winner?.end();
    expect(held.replies).toHaveLength(1);
    expect(await stored(question.threadId)).toMatchObject([{ role: "user" }, { role: "assistant" }]);
  } finally {
    await end(other);
  }
});

test("whoever leaves stops the model; what was said is stored as aborted, and answered anew when asked again", async ({
  api: { ask, holdModel, model, stored },
}) => {
  const held = holdModel();
  const first = await ask();
  await first.until(isA("text-delta"));
  first.leave();
  await held.replies[0]?.closed; // the model is no longer paid for
  const { threadId, messageId } = first;
  await waitFor(async () => (await stored(threadId)).length === 2, { what: "the answer to be stored" });
  const [question, aborted] = await stored(threadId);
  expect(aborted).toMatchObject({ body: "One. ", status: "aborted", reply_to_id: question?.id });

  model.behave((reply) => {
    reply.say("All of it.");
    reply.end();
  });
  const again = await ask({ threadId, messageId });
  expect((await again.end()).at(-1)).toMatchObject({ type: "finish" });
  const now = await stored(threadId);
  expect(now).toMatchObject([
    { id: question?.id },
    { body: "All of it.", status: "complete", id: again.chunks[0]?.messageId },
  ]);
  expect(now[0]?.calls).toHaveLength(1);
});

test("whoever leaves a model that says nothing leaves no connection and no answer behind", async ({
  api: { ask, model, stored },
}) => {
  const replies: Reply[] = [];
  model.behave((reply) => {
    replies.push(reply);
  });
  const answer = await ask();
  await answer.until(isA("tool-output-available"));
  await waitFor(() => replies.length === 1, { what: "the model to be asked" });
  answer.leave();
  await replies[0]?.closed;
  await waitFor(async () => (await stored(answer.threadId)).length === 2, {
    what: "the end to be stored",
  });
  expect((await stored(answer.threadId))[1]).toMatchObject({ body: "", status: "aborted" });
});
