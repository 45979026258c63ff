import { asSuperuser, waitFor } from "@openhouse/pool-testing";
import { expect } from "vitest";
import { test } from "../fixture.ts";
import { isA, KEY } from "../support/chat-api.ts";
import { askChat } from "../support/chat-client.ts";
import { firstHomeowners } from "../support/homeowners.ts";
import { lockTable } from "../support/table-lock.ts";

/** What an answer is made of, and what it holds while it is made. */

test("without a model's address the local assistant answers from the documents and says who it is", async ({
  api: { priya, stored },
  portals,
}) => {
  const { tenant } = portals;
  const answer = await askChat(tenant.url, priya.cookie, { text: "When is food waste collected?" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const chunks = await answer.end();
  const types = chunks.map(({ type }) => type);
  const [first, input, output, source] = chunks;
  expect(first).toMatchObject({
    type: "start",
    messageMetadata: { assistant: "local extractive assistant" },
  });
  expect(input).toMatchObject({
    toolName: "searchDocuments",
    input: { query: "When is food waste collected?" },
  });
  expect(output?.output?.passages[0]).toMatchObject({ title: expect.stringMatching(/rubbish/i) });
  expect(source).toMatchObject({
    type: "source-url",
    url: expect.stringMatching(`^/documents/${source?.sourceId}\\?passage=\\d+#passage-\\d+$`),
  });
  expect(types.lastIndexOf("source-url")).toBeLessThan(types.indexOf("text-delta"));
  expect(types.filter((type) => type === "text-delta").length).toBeGreaterThan(3);
  expect(chunks.at(-1)).toEqual({ type: "finish", messageMetadata: { status: "complete" } });
  expect(answer.text()).toMatch(/Rubbish and recycling[\s\S]*Food waste is collected every week/);

  const [question, reply] = await stored(answer.threadId);
  expect(question).toMatchObject({ role: "user", client_message_id: answer.messageId });
  expect(question?.calls).toEqual([
    { id: input?.toolCallId, input: input?.input, output: output?.output, finished: true },
  ]);
  expect(reply).toMatchObject({
    id: first?.messageId,
    reply_to_id: question?.id,
    status: "complete",
    body: answer.text(),
    title: "When is food waste collected?",
  });

  const unknown = await askChat(tenant.url, priya.cookie, { text: "What is the capital of France?" });
  expect((await unknown.end()).some(isA("source-url"))).toBe(false);
  expect(unknown.text()).toMatch(/found nothing/);
});

test("a model gets the passages as its own search's result, and what was said before", async ({
  api: { ask, model },
}) => {
  const asked = model.requests.length;
  const first = await ask({ text: "How long is the warranty?" });
  await first.end();
  const { threadId } = first;
  await (await ask({ threadId, text: "And for the roof?", existing: true })).end();
  const [, request] = model.requests.slice(asked);
  expect(request?.authorization).toBe(`Bearer ${KEY}`);
  expect(request?.body.messages.map(({ role }) => role)).toEqual([
    "system",
    "user",
    "assistant",
    "user",
    "assistant",
    "tool",
  ]);
  expect(request?.body.messages[1]?.content).toBe("How long is the warranty?");
  expect(request?.body.messages[2]?.content).toBe("All is well.");
  expect(request?.body.messages[4]?.tool_calls).toHaveLength(1);
  expect(String(request?.body.messages[5]?.content)).toContain("passages");
});

test("a model may search again; that is stored with its answer", async ({ api: { ask, model, stored } }) => {
  model.behave((reply) => {
    const searched = reply.request.body.messages.filter(({ role }) => role === "tool").length;
    if (searched === 1) reply.callTool("searchDocuments", { query: "parking visitors" });
    else reply.say("Behind the crane.");
    reply.end();
  });
  const answer = await ask({ text: "Where can my guests leave their cars?" });
  const chunks = await answer.end();
  expect(chunks.filter(isA("tool-output-available"))).toHaveLength(2);
  expect(chunks.filter(isA("source-url")).map(({ title }) => title)).toContain("Parking at Cooper's Quay");
  expect(chunks.at(-1)?.type).toBe("finish");
  const [question, reply] = await stored(answer.threadId);
  expect(question?.calls).toHaveLength(1);
  expect(reply).toMatchObject({ body: "Behind the crane.", status: "complete" });
  expect(reply?.calls).toMatchObject([{ input: { query: "parking visitors" }, finished: true }]);

  // One that never stops searching is made to answer.
  let rounds = 0;
  model.behave((reply) => {
    rounds += 1;
    if (reply.request.body.tool_choice === "none") reply.say("Enough.");
    else reply.callTool("searchDocuments", { query: "parking" });
    reply.end();
  });
  const endless = await ask();
  await endless.end();
  expect({ rounds, text: endless.text() }).toEqual({ rounds: 3, text: "Enough." });
});

test("twenty slow streams hold no connection, of a pool of five", async ({ api, portals }) => {
  const { ask, holdModel, portal, stored } = api;
  const held = holdModel();
  // Two each: nobody may have more under way.
  const homeowners = await firstHomeowners(portals.postgres.url, 10);
  const answers = await Promise.all(
    homeowners.flatMap(({ cookie }) =>
      [1, 2].map((question) => ask({ text: `Question ${question}` }, cookie)),
    ),
  );
  await Promise.all(answers.map((answer) => answer.until(isA("text-delta"))));
  expect(held.replies).toHaveLength(20);
  const health = await (await fetch(`${portal.url}/api/health/db`)).json();
  expect(health.poolStats.waitingCount).toBe(0);
  expect(health.poolStats.idleCount).toBe(health.poolStats.totalCount);
  const busy = await asSuperuser(portals.postgres.url, async (client) => {
    const { rows } = await client.query(
      "select state, left(query, 60) as query from pg_stat_activity where usename = 'openhouse_app' and state <> 'idle'",
    );
    return rows;
  });
  expect(busy).toEqual([]);
  held.finish();
  for (const answer of answers) {
    expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
    expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
  }
});

test("session and thread are looked up in one flight", async ({ api: { ask }, portals }) => {
  const first = await ask();
  await first.end();
  const { threadId } = first;
  const sessions = await lockTable(portals.postgres.url, "sessions", "access exclusive");
  const threads = await lockTable(portals.postgres.url, "chat_threads", "access exclusive");
  const answer = ask({ threadId });
  await waitFor(async () => (await sessions.blocked()) === 1, { what: "the request to be held up" });
  // The other look-up stands behind it, on the same connection.
  expect(await threads.blocked()).toBe(0);
  const held = await backendsHeldUp(portals.postgres.url);
  await sessions.release();
  await waitFor(async () => (await threads.blocked()) === 1, { what: "it to be held up at the thread" });
  expect(await backendsHeldUp(portals.postgres.url)).toEqual(held);
  await threads.release();
  expect((await (await answer).end()).at(-1)).toMatchObject({ type: "finish" });
});

/** Those of the portals that wait for a lock, each with when its transaction began. */
const backendsHeldUp = (url: string) =>
  asSuperuser(url, async (client) => {
    const { rows } = await client.query(
      "select pid, xact_start from pg_stat_activity where usename = 'openhouse_app' and wait_event_type = 'Lock'",
    );
    return rows;
  });

test("an answer is told to be finished once it is stored, and not before", async ({ api, portals }) => {
  const { ask, holdModel, portal } = api;
  const held = holdModel();
  const answer = await ask();
  await answer.until(isA("text-delta"));
  const writers = await lockTable(portals.postgres.url, "messages", "share");
  held.finish();
  await waitFor(async () => (await writers.blocked()) === 1, { what: "the answer's write to be held up" });
  const finished = answer.until(isA("finish")).then(() => "finished");
  // As long as it takes to ask the portal something else over the same network.
  const asked = fetch(`${portal.url}/api/health/live`).then(() => "not yet");
  expect(await Promise.race([finished, asked])).toBe("not yet");
  await writers.release();
  expect(await finished).toBe("finished");
});
