import { randomUUID } from "node:crypto";
import { asSuperuser } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { BETH, CALLUM, failure, isA } from "../support/chat-api.ts";
import { postChat } from "../support/chat-client.ts";
import { conversationOf } from "../support/conversations.ts";
import { asHomeowner } from "../support/homeowners.ts";

/** Whose threads are whose, and what is no question. */

test("a thread that is deleted while it is answered stays deleted, and the reader is told", async ({
  api: { ask, holdModel, stored },
  portals,
}) => {
  const held = holdModel();
  const answer = await ask();
  await answer.until(isA("text-delta"));
  await asSuperuser(portals.postgres.url, (client) =>
    client.query("delete from chat_threads where id = $1", [answer.threadId]),
  );
  held.finish();
  expect((await answer.end()).slice(-2)).toEqual(failure("thread_deleted", /was deleted/));
  expect(await stored(answer.threadId)).toEqual([]);
  const { threadId } = answer;
  const later = await ask({ threadId, existing: true });
  expect([later.status, await later.json()]).toEqual([404, { error: "thread_not_found" }]);
});

test("nobody speaks in somebody else's thread, nor without a session", async ({
  api: { ask, model, priya, stored },
  portals,
}) => {
  const mine = await ask();
  await mine.end();
  const { threadId } = mine;
  const before = await stored(threadId);
  const callum = await asHomeowner(portals.postgres.url, CALLUM);
  const neighbour = await ask({ threadId, text: "Hello" }, callum.cookie);
  expect([neighbour.status, await neighbour.json()]).toEqual([404, { error: "thread_not_found" }]);
  const beth = await asHomeowner(portals.postgres.url, BETH);
  const stranger = await ask({ threadId, text: "Hello", existing: true }, beth.cookie);
  expect([stranger.status, await stranger.json()]).toEqual([404, { error: "thread_not_found" }]);
  expect(await stored(threadId)).toEqual(before);

  // To another company the id is free: a thread of its own, without a word of this one.
  const asked = model.requests.length;
  const own = await ask({ threadId, text: "Hello" }, beth.cookie);
  expect(own.status).toBe(200);
  await own.end();
  expect(model.requests.at(-1)?.body.messages.filter(({ role }) => role === "user")).toHaveLength(1);
  expect(model.requests).toHaveLength(asked + 1);
  expect(await conversationOf(portals.postgres.url, threadId, priya.tenantId)).toEqual(before);

  for (const cookie of ["", "openhouse-tenant=forged", priya.cookie.replace("tenant", "developer")]) {
    const nobody = await ask({ threadId }, cookie);
    expect([nobody.status, await nobody.json()]).toEqual([401, { error: "sign_in_required" }]);
  }
  await asSuperuser(portals.postgres.url, (client) =>
    client.query("update sessions set revoked_at = now() where homeowner_id = $1 and revoked_at is null", [
      callum.id,
    ]),
  );
  expect((await ask({}, callum.cookie)).status).toBe(401);
});

test("what is no question is refused with a reason, and nothing is stored", async ({ api, portals }) => {
  const { ask, portal, priya } = api;
  const count = () =>
    asSuperuser(
      portals.postgres.url,
      async (client) => (await client.query("select from messages")).rowCount,
    );
  const before = await count();
  const id = randomUUID();
  const refusals: [unknown, number, string][] = [
    ["no json", 400, "malformed"],
    [[], 400, "malformed"],
    [{ id }, 400, "malformed"],
    [{ id, message: { id: "a", text: 5 } }, 400, "malformed"],
    [{ id, message: { id: "a", text: "a\0b" } }, 400, "malformed"],
    [{ id: "1", message: { id: "a", text: "Hi" } }, 400, "thread_id_invalid"],
    [{ id, message: { id: "a b", text: "Hi" } }, 400, "message_id_invalid"],
    [{ id, message: { id: "a", text: " \n " } }, 400, "message_empty"],
    [{ id, message: { id: "a", text: "x".repeat(4_001) } }, 400, "message_too_long"],
    [{ id, message: { id: "a", text: "x".repeat(70_000) } }, 413, "body_too_large"],
  ];
  for (const [body, status, error] of refusals) {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const response = await postChat(portal.url, priya.cookie, sent);
    expect([response.status, await response.json()], sent.slice(0, 80)).toEqual([status, { error }]);
  }
  const foreign = await fetch(`${portal.url}/api/chat`, {
    method: "POST",
    headers: { origin: "https://elsewhere.example", cookie: priya.cookie },
    body: "{}",
  });
  expect(foreign.status).toBe(403);
  expect(await count()).toBe(before);

  const odd = await ask({ text: `Half a pair \ud83d and the rest ${"🏠".repeat(1_900)}` });
  expect((await odd.end()).at(-1)).toMatchObject({ type: "finish" });
});
