import { expect, test } from "vitest";
import { ChatRefusedError, readRefusal } from "../app/(portal)/chat/chat-refused.ts";
import { explain } from "../app/(portal)/chat/explain.ts";

test.each([
  [401, "sign_in_required", undefined, "sign-in"],
  [404, "thread_not_found", undefined, "new"],
  [400, "message_too_long", undefined, "none"],
  [413, "body_too_large", undefined, "none"],
  [409, "answer_under_way", 1_000, "again"],
  [503, "connection_refused", 5_000, "wait"],
  [503, "connection_refused", undefined, "again"],
  [500, "internal", undefined, "again"],
  [502, "unknown", undefined, "again"],
] as const)("%i %s, to be tried after %s ms, asks for: %s", (status, code, retryAfterMs, remedy) => {
  const { text, remedy: told } = explain(new ChatRefusedError(status, code, retryAfterMs));
  expect(told).toBe(remedy);
  expect(text).not.toContain(code);
});

test("what the answer's stream says of itself is shown; what a library or the browser says is not", () => {
  expect(explain(new Error("The answer broke off.")).text).toBe("The answer broke off.");
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
