import { randomUUID } from "node:crypto";
import { asSuperuser, waitFor } from "@openhouse/pool/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Stage } from "../portals.test.ts";
import { askChat, postChat } from "../support/chat-client.ts";
import { conversationOf } from "../support/conversations.ts";
import { closeGate } from "../support/gate.ts";
import { asHomeowner, type Homeowner } from "../support/homeowners.ts";
import { type ModelServer, type Reply, startModelServer } from "../support/model-server.ts";
import { end, type Portal, startPortal } from "../support/portals.ts";

const KEY = "the-secret-key-of-the-model";
const PRIYA = "priya.nair@example.com";
const CALLUM = "callum.doyle@example.com";
const BETH = "beth.carrick@example.com";

/** POST /api/chat of a built portal, with a model that is a real server and does what a test says. */
export function chatApi(onStage: () => Stage): void {
  describe("the chat's route", () => {
    let model: ModelServer;
    let portal: Portal;
    let priya: Homeowner;

    const serverUrl = () => onStage().portals.postgres.url;
    const start = (settings: Record<string, string> = {}) =>
      startPortal("tenant-portal", {
        DATABASE_URL: onStage().portals.appUrl,
        CHAT_BASE_URL: model.baseUrl,
        CHAT_MODEL: "test-model",
        CHAT_API_KEY: KEY,
        CHAT_SILENCE_MS: "5000",
        ...settings,
      });
    beforeAll(async () => {
      model = await startModelServer();
      portal = await start();
      priya = await asHomeowner(serverUrl(), PRIYA);
    });
    beforeEach(() => {
      model.behave((reply) => {
        reply.say("All is well.");
        reply.end();
      });
    });
    afterAll(async () => {
      if (portal) await end(portal);
      await model?.stop();
    });

    const ask = (asking: Parameters<typeof askChat>[2] = {}, cookie = priya.cookie) =>
      askChat(portal.url, cookie, asking);
    const stored = (threadId: string) => conversationOf(serverUrl(), threadId);
    const texts = (type: string) => (chunk: { type: string }) => chunk.type === type;

    /** The model says "One. ", and the rest when it is told to. */
    function holdModel() {
      const replies: Reply[] = [];
      model.behave((reply) => {
        replies.push(reply);
        reply.say("One. ");
      });
      return {
        replies,
        finish(text = "Two.") {
          for (const reply of replies) {
            reply.say(text);
            reply.end();
          }
        },
      };
    }

    test("without a model's address the local assistant answers from the documents and says who it is", async () => {
      const { tenant } = onStage().portals;
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
      expect(source).toMatchObject({ type: "source-url", url: `/documents/${source?.sourceId}` });
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
      expect((await unknown.end()).some(texts("source-url"))).toBe(false);
      expect(unknown.text()).toMatch(/found nothing/);
    });

    test("a model gets the passages as its own search's result, and what was said before", async () => {
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

    test("a model may search again; that is stored with its answer", async () => {
      model.behave((reply) => {
        const searched = reply.request.body.messages.filter(({ role }) => role === "tool").length;
        if (searched === 1) reply.callTool("searchDocuments", { query: "parking visitors" });
        else reply.say("Behind the crane.");
        reply.end();
      });
      const answer = await ask({ text: "Where can my guests leave their cars?" });
      const chunks = await answer.end();
      expect(chunks.filter(texts("tool-output-available"))).toHaveLength(2);
      expect(chunks.filter(texts("source-url")).map(({ title }) => title)).toContain(
        "Parking at Cooper's Quay",
      );
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

    test("twenty slow streams hold no connection, of a pool of five", async () => {
      const held = holdModel();
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask()));
      await Promise.all(answers.map((answer) => answer.until(texts("text-delta"))));
      expect(held.replies).toHaveLength(20);
      const health = await (await fetch(`${portal.url}/api/health/db`)).json();
      expect(health.poolStats.waitingCount).toBe(0);
      expect(health.poolStats.idleCount).toBe(health.poolStats.totalCount);
      const busy = await asSuperuser(serverUrl(), async (client) => {
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

    test("session and thread are looked up at the same time", async () => {
      const first = await ask();
      await first.end();
      const { threadId } = first;
      const sessions = await closeGate(serverUrl(), "sessions", "access exclusive");
      const threads = await closeGate(serverUrl(), "chat_threads", "access exclusive");
      const answer = ask({ threadId });
      await waitFor(async () => (await sessions.heldUp()) === 1 && (await threads.heldUp()) === 1, {
        what: "one request to be held up at both",
      });
      await Promise.all([sessions.open(), threads.open()]);
      expect((await (await answer).end()).at(-1)).toMatchObject({ type: "finish" });
    });

    test("an answer is told to be finished once it is stored, and not before", async () => {
      const held = holdModel();
      const answer = await ask();
      await answer.until(texts("text-delta"));
      const writers = await closeGate(serverUrl(), "messages", "share");
      held.finish();
      await waitFor(async () => (await writers.heldUp()) === 1, { what: "the answer's write to be held up" });
      const finished = answer.until(texts("finish")).then(() => "finished");
      // As long as it takes to ask the portal something else over the same network.
      const asked = fetch(`${portal.url}/api/health/live`).then(() => "not yet");
      expect(await Promise.race([finished, asked])).toBe("not yet");
      await writers.open();
      expect(await finished).toBe("finished");
    });

    test("a question sent again doubles nothing: it is told to wait, then gets the stored answer", async () => {
      const held = holdModel();
      const first = await ask();
      await first.until(texts("text-delta"));
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

    test("two at the same instant: one is answered, the other told to wait", async () => {
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
        await winner?.until(texts("text-delta"));
        held.finish();
        await winner?.end();
        expect(held.replies).toHaveLength(1);
        expect(await stored(question.threadId)).toMatchObject([{ role: "user" }, { role: "assistant" }]);
      } finally {
        await end(other);
      }
    });

    test("whoever leaves stops the model; what was said is stored as aborted, and answered anew when asked again", async () => {
      const held = holdModel();
      const first = await ask();
      await first.until(texts("text-delta"));
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

    test("whoever leaves a model that says nothing leaves no connection and no answer behind", async () => {
      const replies: Reply[] = [];
      model.behave((reply) => {
        replies.push(reply);
      });
      const answer = await ask();
      await answer.until(texts("tool-output-available"));
      await waitFor(() => replies.length === 1, { what: "the model to be asked" });
      answer.leave();
      await replies[0]?.closed;
      await waitFor(async () => (await stored(answer.threadId)).length === 2, {
        what: "the end to be stored",
      });
      expect((await stored(answer.threadId))[1]).toMatchObject({ body: "", status: "aborted" });
    });

    test.each([
      ["cuts the connection", (reply: Reply) => reply.cut(), /cannot go on/],
      ["falls silent", () => {}, /not answered in time/],
    ])("a model that %s: the reader is told, what was said is kept", async (_what, fail, words) => {
      model.behave(async (reply) => {
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
        model.behave((reply) => reply.refuse(status));
        const answer = await ask();
        expect((await answer.end()).at(-1)).toEqual({
          type: "error",
          errorText: expect.stringMatching(/cannot go on/),
        });
      }
      model.behave((reply) => reply.end());
      const answer = await ask();
      expect((await answer.end()).at(-1)).toMatchObject({ type: "error" });
      expect(portal.output()).toMatch(/"event":"chat\.model_trouble".*"status":401/);
      expect(portal.output()).not.toMatch(/secret-key|bleed a radiator/);
    });

    test("a thread that is deleted while it is answered stays deleted, and the reader is told", async () => {
      const held = holdModel();
      const answer = await ask();
      await answer.until(texts("text-delta"));
      await asSuperuser(serverUrl(), (client) =>
        client.query("delete from chat_threads where id = $1", [answer.threadId]),
      );
      held.finish();
      expect((await answer.end()).at(-1)).toEqual({
        type: "error",
        errorText: expect.stringMatching(/was deleted/),
      });
      expect(await stored(answer.threadId)).toEqual([]);
      const { threadId } = answer;
      const later = await ask({ threadId, existing: true });
      expect([later.status, await later.json()]).toEqual([404, { error: "thread_not_found" }]);
    });

    test("nobody speaks in somebody else's thread, nor without a session", async () => {
      const mine = await ask();
      await mine.end();
      const { threadId } = mine;
      const before = await stored(threadId);
      const callum = await asHomeowner(serverUrl(), CALLUM);
      const neighbour = await ask({ threadId, text: "Hello" }, callum.cookie);
      expect([neighbour.status, await neighbour.json()]).toEqual([404, { error: "thread_not_found" }]);
      const beth = await asHomeowner(serverUrl(), BETH);
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
      expect(await conversationOf(serverUrl(), threadId, priya.tenantId)).toEqual(before);

      for (const cookie of ["", "openhouse-tenant=forged", priya.cookie.replace("tenant", "developer")]) {
        const nobody = await ask({ threadId }, cookie);
        expect([nobody.status, await nobody.json()]).toEqual([401, { error: "sign_in_required" }]);
      }
      await asSuperuser(serverUrl(), (client) =>
        client.query(
          "update sessions set revoked_at = now() where homeowner_id = $1 and revoked_at is null",
          [callum.id],
        ),
      );
      expect((await ask({}, callum.cookie)).status).toBe(401);
    });

    test("what is no question is refused with a reason, and nothing is stored", async () => {
      const count = () =>
        asSuperuser(serverUrl(), async (client) => (await client.query("select from messages")).rowCount);
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

    test("the database is away: 503 before the stream; during it the answer waits for it", async () => {
      const { postgres } = onStage().portals;
      const held = holdModel();
      const answer = await ask();
      await answer.until(texts("text-delta"));
      await postgres.kill();
      try {
        held.finish();
        const refused = await ask();
        expect(refused.status).toBe(503);
        expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
        expect(await refused.json()).toEqual({ error: expect.stringMatching(/^[a-z_]+$/) });
        expect(await answer.until(texts("finish-step"))).toBeDefined();
      } finally {
        await postgres.restart();
      }
      expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
      expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
    });

    async function startToBeStopped(settings?: Record<string, string>) {
      const stopping = await start(settings);
      const exited = new Promise((resolve) => stopping.process.once("exit", (...how) => resolve(how)));
      return { stopping, exited };
    }

    test("a portal that is told to stop while the database is away writes what it owes once it is back", async () => {
      const { postgres } = onStage().portals;
      // Short, so that the write fails and is tried again: the pool alone would wait for what waits for it.
      const { stopping, exited } = await startToBeStopped({ DB_POOL_CONN_TIMEOUT_MS: "300" });
      const failures = () => stopping.output().split("connectFailed").length;
      holdModel();
      const answer = await askChat(stopping.url, priya.cookie, {});
      await answer.until(texts("text-delta"));
      await postgres.kill();
      try {
        answer.leave();
        await waitFor(() => failures() > 1, { what: "the write to fail" });
        stopping.process.kill("SIGTERM");
        await waitFor(() => stopping.output().includes("web.draining"), { what: "the drain to begin" });
        await waitFor(
          async () =>
            fetch(stopping.url).then(
              () => false,
              () => true,
            ),
          {
            what: "nobody to be let in any more",
          },
        );
        const failed = failures();
        await waitFor(() => failures() > failed + 3, { timeoutMs: 10_000, what: "it to be tried on and on" });
      } finally {
        await postgres.restart();
      }
      expect(await exited).toEqual([0, null]);
      expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. ", status: "aborted" }]);
    });

    test("a portal that is told to stop finishes its streams", async () => {
      const { stopping, exited } = await startToBeStopped();
      const held = holdModel();
      const [answer, left] = await Promise.all([
        askChat(stopping.url, priya.cookie, {}),
        askChat(stopping.url, priya.cookie, { text: "When is food waste collected?" }),
      ]);
      await Promise.all([answer, left].map((each) => each.until(texts("text-delta"))));
      stopping.process.kill("SIGTERM");
      await waitFor(() => stopping.output().includes("web.draining"), { what: "the drain to begin" });
      await waitFor(
        async () =>
          fetch(stopping.url).then(
            () => false,
            () => true,
          ),
        {
          what: "nobody to be let in any more",
        },
      );
      left.leave();
      held.finish();
      expect((await answer.end()).at(-1)).toMatchObject({ type: "finish" });
      expect(await exited).toEqual([0, null]);
      expect(await stored(answer.threadId)).toMatchObject([{}, { body: "One. Two.", status: "complete" }]);
      expect(await stored(left.threadId)).toMatchObject([{}, { role: "assistant" }]);
      expect(stopping.output()).toMatch(/"event":"web\.drained".*"requestsCut":0,"workCut":0/);
    });
  });
}
