import { waitFor } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import type { ChatAnswer } from "../support/chat-client.ts";
import type { Reply } from "../support/model-server.ts";
import { type ChatScene, isA } from "./scene.ts";

/** Models and databases in trouble. */
export function chatFailing(on: ChatScene): void {
  const { ask, holdModel, fixture, stored } = on;

  /** An answer whose model ends while the database is away, from its first words until the database is back. */
  async function endWithoutDatabase(look: (answer: ChatAnswer) => Promise<void>): Promise<ChatAnswer> {
    const { postgres } = fixture().portals;
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

  test.each([
    ["cuts the connection", (reply: Reply) => reply.cut(), /cannot go on/],
    ["falls silent", () => {}, /not answered in time/],
  ])("a model that %s: the reader is told, what was said is kept", async (_what, fail, words) => {
    on.model.behave(async (reply) => {
      reply.say("One. ");
      await new Promise((sent) => setImmediate(sent));
      fail(reply);
    });
    const answer = await ask();
    const chunks = await answer.end();
    expect(chunks.at(-1)).toEqual({ type: "error", errorText: expect.stringMatching(words) });
    expect(answer.text()).toBe("One. ");
    expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. ", status: "aborted" }]);
  });

  test("a model that refuses, or says nothing: the reader is told calmly, and the log holds no key", async () => {
    for (const status of [401, 429, 500]) {
      on.model.behave((reply) => reply.refuse(status));
      const answer = await ask();
      expect((await answer.end()).at(-1)).toEqual({
        type: "error",
        errorText: expect.stringMatching(/cannot go on/),
      });
    }
    on.model.behave((reply) => reply.end());
    const answer = await ask();
    expect((await answer.end()).at(-1)).toMatchObject({ type: "error" });
    expect(on.portal.output()).toMatch(/"event":"chat\.model_trouble".*"status":401/);
    expect(on.portal.output()).not.toMatch(/secret-key|bleed a radiator/);
  });

  test("the database is away: 503 before the stream; during it the answer waits for it", async () => {
    const answer = await endWithoutDatabase(async (ending) => {
      const refused = await ask();
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await refused.json()).toEqual({ error: expect.stringMatching(/^[a-z_]+$/) });
      expect(await ending.until(isA("finish-step"))).toBeDefined();
    });
    expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
    expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
  });

  test("the database stays away when an answer ends: the reader is told that it is not kept, and can ask again", async () => {
    const answer = await endWithoutDatabase(async (ending) => {
      // Twenty seconds of patience.
      expect((await ending.end()).at(-1)).toEqual({
        type: "error",
        errorText: expect.stringMatching(/could not be saved/),
      });
    });
    const { threadId, messageId } = answer;
    expect(await stored(threadId)).toMatchObject([{ role: "user" }]);
    on.model.behave((reply) => {
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
}
