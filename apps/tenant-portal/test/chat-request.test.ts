import { randomUUID } from "node:crypto";
import { HttpError } from "@openhouse/web/http-error";
import { describe, expect, test } from "vitest";
import { parseQuestion, readQuestion } from "../lib/chat/request.ts";
import { ChatConfigError, chatSettings } from "../lib/chat/settings.ts";
import { titleOf } from "../lib/chat/title.ts";

const id = randomUUID();
const question = (message: unknown = { id: "m_1-A", text: "Hello" }) => ({ id, message });
const refusal = (body: unknown) => {
  try {
    return parseQuestion(body);
  } catch (error) {
    return error instanceof HttpError ? `${error.status} ${error.code}` : error;
  }
};

test("a question is read, without the space around it", () => {
  const body = { ...question({ id: "m", text: " Hi\nthere  " }), id: id.toUpperCase() };
  expect(parseQuestion(body)).toEqual({
    threadId: id,
    clientMessageId: "m",
    text: "Hi\nthere",
    existing: false,
  });
  expect(parseQuestion({ ...question(), existing: true }).existing).toBe(true);
  expect(parseQuestion({ ...question(), replaces: ["m_0", "m-1"] }).replaces).toEqual(["m_0", "m-1"]);
});

test.each([
  [null, "malformed"],
  ["text", "malformed"],
  [{ id }, "malformed"],
  [question(null), "malformed"],
  [question({ id: "m", text: null }), "malformed"],
  [question({ id: "m", text: "a\0" }), "malformed"],
  [{ ...question(), existing: "yes" }, "malformed"],
  [{ ...question(), replaces: "m" }, "malformed"],
  [{ ...question(), replaces: [] }, "malformed"],
  [{ ...question(), replaces: Array(11).fill("m") }, "malformed"],
  [{ ...question(), replaces: ["ä"] }, "message_id_invalid"],
  [{ ...question(), replaces: [1] }, "message_id_invalid"],
  [{ ...question(), id: 1 }, "thread_id_invalid"],
  [{ ...question(), id: `${id}0` }, "thread_id_invalid"],
  [question({ text: "Hi" }), "message_id_invalid"],
  [question({ id: "", text: "Hi" }), "message_id_invalid"],
  [question({ id: "a".repeat(65), text: "Hi" }), "message_id_invalid"],
  [question({ id: "ä", text: "Hi" }), "message_id_invalid"],
  [question({ id: "m", text: "" }), "message_empty"],
  [question({ id: "m", text: " \n\t " }), "message_empty"],
  [question({ id: "m", text: "x".repeat(4_001) }), "message_too_long"],
])("%j is refused: %s", (body, code) => {
  expect(refusal(body)).toBe(`400 ${code}`);
});

test("half a character, which Postgres would refuse, is replaced", () => {
  expect(parseQuestion(question({ id: "m", text: "a\ud83d b🏠" })).text).toBe("a\ufffd b🏠");
});

describe("a body that is too large", () => {
  const post = (body: BodyInit, headers: HeadersInit = {}) =>
    // Needed for a stream, and not among TypeScript's fields.
    new Request("http://localhost/api/chat", { method: "POST", body, headers, ...{ duplex: "half" } });
  const tooLarge = { status: 413, code: "body_too_large" };

  test("is refused by what it says of itself, unread", async () => {
    const request = post("{}", { "content-length": "1000000" });
    await expect(readQuestion(request)).rejects.toMatchObject(tooLarge);
  });

  test("is refused while it comes, where it says nothing of its length, and read no further", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(16_384).fill(97));
      },
    });
    await expect(readQuestion(post(endless))).rejects.toMatchObject(tooLarge);
    expect(sent).toBeLessThan(10);
  });

  test("is not one with 4,000 characters that are all escaped", async () => {
    const text = "\\ud83c\\udfe0".repeat(2_000);
    const read = await readQuestion(post(`{"id":"${id}","message":{"id":"m","text":"${text}"}}`));
    expect(read.text).toBe("🏠".repeat(2_000));
  });
});

test("a thread's first title is its first words", () => {
  expect(titleOf("  How do I\nbleed a radiator? ")).toBe("How do I bleed a radiator?");
  expect(titleOf("word ".repeat(50))).toBe(`${"word ".repeat(11)}word…`);
  expect(titleOf("x".repeat(100))).toBe(`${"x".repeat(60)}…`);
  expect(titleOf("When \u202Eare\u200B the bins collected?")).toBe("When are the bins collected?");
  expect(titleOf(`x${"🏠".repeat(100)}`)).toMatch(/^x🏠+…$/u);
});

describe("the settings", () => {
  const read = (settings: Record<string, string>) => chatSettings((name) => settings[name]);
  const faultsOf = (settings: Record<string, string>) => {
    try {
      read(settings);
      return [];
    } catch (error) {
      return error instanceof ChatConfigError ? error.faults : [String(error)];
    }
  };
  const endpoint = { CHAT_BASE_URL: "https://api.example.com/v1", CHAT_MODEL: "small" };

  test("ask for the local assistant where no endpoint is named", () => {
    expect(read({})).toEqual({ kind: "local" });
    expect(read({ CHAT_BASE_URL: " ", CHAT_MODEL: "" })).toEqual({ kind: "local" });
  });

  test("name an endpoint, with a key or without", () => {
    const { CHAT_BASE_URL: baseUrl, CHAT_MODEL: model } = endpoint;
    const usual = { kind: "endpoint", baseUrl, model, apiKey: undefined, silenceMs: 30_000 };
    expect(read(endpoint)).toEqual(usual);
    const own = { ...endpoint, CHAT_API_KEY: "k", CHAT_SILENCE_MS: "2000" };
    expect(read(own)).toEqual({ ...usual, apiKey: "k", silenceMs: 2_000 });
  });

  test.each([
    "http://127.0.0.1:8080/v1",
    "http://[::1]:8080",
    "http://localhost/v1",
    "https://api.example.com",
  ])("take a model on this machine, and any over https, in production: %s", (address) => {
    expect(faultsOf({ ...endpoint, CHAT_BASE_URL: address, NODE_ENV: "production" })).toEqual([]);
  });

  test.each([
    [{ CHAT_MODEL: "small" }, ["CHAT_BASE_URL"]],
    [{ CHAT_API_KEY: "k" }, ["CHAT_BASE_URL"]],
    [{ CHAT_BASE_URL: endpoint.CHAT_BASE_URL }, ["CHAT_MODEL"]],
    [{ CHAT_BASE_URL: "api.example.com" }, ["CHAT_BASE_URL", "CHAT_MODEL"]],
    [{ ...endpoint, CHAT_BASE_URL: "ftp://example.com" }, ["CHAT_BASE_URL"]],
    [{ ...endpoint, CHAT_BASE_URL: "https://me:secret@example.com/v1" }, ["CHAT_BASE_URL"]],
    [{ ...endpoint, CHAT_BASE_URL: "http://api.example.com/v1", NODE_ENV: "production" }, ["CHAT_BASE_URL"]],
    [
      { ...endpoint, CHAT_BASE_URL: "http://127.0.0.1.example.com", NODE_ENV: "production" },
      ["CHAT_BASE_URL"],
    ],
    [{ ...endpoint, CHAT_SILENCE_MS: "soon" }, ["CHAT_SILENCE_MS"]],
    [{ ...endpoint, CHAT_SILENCE_MS: "0" }, ["CHAT_SILENCE_MS"]],
  ])("%j is wrong, and all that is wrong is named", (settings, named) => {
    const faults = faultsOf(settings);
    expect(faults).toHaveLength(named.length);
    for (const [index, name] of named.entries()) expect(faults[index]).toContain(name);
    expect(faults.join()).not.toContain("secret");
  });
});
