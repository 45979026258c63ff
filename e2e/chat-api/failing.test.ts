import { waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { type ChatApi, failure, isA } from "../support/chat-api.ts";
import type { ChatAnswer } from "../support/chat-client.ts";
import type { Reply } from "../support/model-server.ts";
import type { Portals } from "../support/portals.ts";

/** An answer whose model ends while the database is away, from its first words until the database is back. */
async function endWithoutDatabase(
  { postgres }: Portals,
  { ask, holdModel }: ChatApi,
  look: (answer: ChatAnswer) => Promise<void>,
): Promise<ChatAnswer> {
  const held = holdModel();
  const answer = await ask();
  await answer.until(isA("text-delta"));
  await postgres.kill();
  try {
    held.finish();
    await look(answer);
  } finally {
    await postgres.restart();
  }
  return answer;
}

test.for([
  ["cuts the connection", (reply: Reply) => reply.cut(), failure("failed", /cannot go on/)],
  ["falls silent", () => {}, failure("silent", /not answered in time/)],
] as const)(
  "a model that %s: the reader is told, what was said is kept",
  async ([_what, fail, ending], { api: { ask, model, stored } }) => {
    model.behave(async (reply) => {
      reply.say("One. ");
      await new Promise((sent) => setImmediate(sent));
      fail(reply);
    });
    const answer = await ask();
    const chunks = await answer.end();
    expect(chunks.slice(-2)).toEqual(ending);
    expect(answer.text()).toBe("One. ");
    expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. ", status: "aborted" }]);
  },
);

test("a model that refuses, or says nothing: the reader is told, and the log holds no key", async ({
  api: { ask, model, portal },
}) => {
  for (const status of [401, 429, 500]) {
    model.behave((reply) => reply.refuse(status));
    const answer = await ask();
    expect((await answer.end()).slice(-2)).toEqual(failure("failed", /cannot go on/));
  }
  model.behave((reply) => reply.end());
  const answer = await ask();
  expect((await answer.end()).slice(-2)).toEqual(failure("nothing", /nothing to say/));
  expect(portal.output()).toMatch(/"event":"chat\.model_failed".*"status":401/);
  expect(portal.output()).not.toMatch(/secret-key|bleed a radiator/);
});

test("the database is away: 503 before the stream; during it the answer waits for it", async ({
  api,
  portals,
}) => {
  const { ask, stored } = api;
  const answer = await endWithoutDatabase(portals, api, async (ending) => {
    const refused = await ask();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await refused.json()).toEqual({ error: expect.stringMatching(/^[a-z_]+$/) });
    expect(await ending.until(isA("finish-step"))).toBeDefined();
  });
  expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
  expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
});

test("the database stays away when an answer ends: the reader is told that it is not kept, and can ask again", async ({
  api,
  portals,
}) => {
  const { ask, model, stored } = api;
  const answer = await endWithoutDatabase(portals, api, async (ending) => {
    // Twenty seconds of patience.
    expect((await ending.end()).slice(-2)).toEqual(failure("not_saved", /could not be saved/));
  });
  const { threadId, messageId } = answer;
  expect(await stored(threadId)).toMatchObject([{ role: "user" }]);
  model.behave((reply) => {
    reply.say("One. Two.");
    reply.end();
  });
  const again = await waitFor(
    async () => {
      const reply = await ask({ threadId, messageId });
      return reply.status === 200 && reply;
    },
    { timeoutMs: 15_000, what: "the portal to reach the database again" },
  );
  expect((await again.end()).at(-1)).toMatchObject({ type: "finish" });
  expect(await stored(threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
});
