import type { UIMessageChunk } from "ai";
import { expect, test, vi } from "vitest";
import { AnswerFailedError } from "../app/(portal)/chat/answer-failed.ts";
import { ChatRefusedError, readRefusal } from "../app/(portal)/chat/chat-refused.ts";
import { chatTransport } from "../app/(portal)/chat/chat-transport.ts";
import { explain } from "../app/(portal)/chat/explain.ts";
import type { ChatMessage } from "../lib/chat/chat-message.ts";
import { ERROR_TEXT } from "../lib/chat/error-text.ts";

test.each([
  [401, "sign_in_required", undefined, "sign-in"],
  [404, "thread_not_found", undefined, "new"],
  [400, "message_too_long", undefined, "none"],
  [413, "body_too_large", undefined, "none"],
  [409, "answer_under_way", 1_000, "again"],
  [429, "questions_a_minute", 40_000, "wait"],
  [429, "answers_under_way", 5_000, "wait"],
  [429, "questions_a_day", 7_200_000, "again"],
  [503, "connection_refused", 5_000, "wait"],
  [503, "connection_refused", undefined, "again"],
  [500, "internal", undefined, "again"],
  [502, "unknown", undefined, "again"],
] as const)("%i %s, to be tried after %s ms, asks for: %s", (status, code, retryAfterMs, remedy) => {
  const { text, remedy: told } = explain(new ChatRefusedError(status, code, retryAfterMs));
  expect(told).toBe(remedy);
  expect(text).not.toContain(code);
});

test("who has asked too much reads when it works again", () => {
  const said = (code: string, seconds: number) =>
    explain(new ChatRefusedError(429, code, seconds * 1_000)).text;
  expect(said("questions_a_minute", 40)).toContain("in 40 seconds");
  expect(said("questions_a_day", 7_200)).toContain("in 2 hours");
  expect(said("company_questions_a_day", 90)).toMatch(/in 2 minutes.*search/);
});

/** What the page makes of a stream: the text that came, and how it ended. */
async function readAnswer(...chunks: UIMessageChunk[]) {
  const events = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("");
  vi.stubGlobal("fetch", async () => new Response(`${events}data: [DONE]\n\n`));
  const question: ChatMessage = { id: "q", role: "user", parts: [{ type: "text", text: "Why?" }] };
  const options = {
    trigger: "submit-message",
    chatId: "c",
    messageId: undefined,
    abortSignal: undefined,
  } as const;
  const stream = await chatTransport(() => {}).sendMessages({ ...options, messages: [question] });
  vi.unstubAllGlobals();
  const types: string[] = [];
  try {
    for await (const { type } of stream) types.push(type);
    return { types, error: undefined };
  } catch (error) {
    return { types, error };
  }
}

const TEXT: UIMessageChunk = { type: "text-delta", id: "0", delta: "So far" };

test.each(Object.entries(ERROR_TEXT))(
  "an answer that ends with %j shows its sentence",
  async (code, sentence) => {
    const { types, error } = await readAnswer(TEXT, { type: "data-error", data: { code }, transient: true });
    expect(types).toEqual(["text-delta"]);
    expect(error).toBeInstanceOf(AnswerFailedError);
    expect(explain(error as Error)).toEqual({ text: sentence, remedy: "again" });
  },
);

test("an error whose code this page does not know is left to the stream's own end", async () => {
  const unknown: UIMessageChunk = { type: "data-error", data: { code: "toString" }, transient: true };
  expect(await readAnswer(unknown, { type: "error", errorText: "internal" })).toEqual({
    types: ["data-error", "error"],
    error: undefined,
  });
});

test("what a library or the browser says of an error is not shown", () => {
  expect(explain(new Error("connect ECONNREFUSED 10.0.0.7")).text).not.toContain("10.0.0.7");
  expect(explain(new TypeError("network error 10.0.0.7")).text).not.toContain("10.0.0.7");
  const internal = Object.assign(new Error("Type validation failed: {…}"), {
    name: "AI_TypeValidationError",
  });
  expect(explain(internal).text).not.toContain("validation");
});

test("a refusal is read from the portal's JSON, and from whatever a proxy puts in its place", async () => {
  const ours = Response.json({ error: "saturated" }, { status: 503, headers: { "Retry-After": "2" } });
  expect(await readRefusal(ours)).toMatchObject({ status: 503, code: "saturated", retryAfterMs: 2_000 });
  const proxys = new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "Retry-After": "soon" } });
  expect(await readRefusal(proxys)).toMatchObject({ status: 502, code: "unknown", retryAfterMs: undefined });
});
