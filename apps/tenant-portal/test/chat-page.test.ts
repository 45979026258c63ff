import { expect, test } from "vitest";
import { suggestQuestions } from "../app/(portal)/chat/suggestions.ts";
import { newThreadId, threadIdIn } from "../app/(portal)/chat/thread-id.ts";
import { readTitle, TITLE_MAX_LENGTH } from "../app/(portal)/chat/thread-title.ts";

test("only what the documents can answer is suggested, four questions at most", () => {
  expect(suggestQuestions(["Parking at Cooper's Quay", "Minutes of the meeting"])).toEqual([
    "Where may my visitors park?",
  ]);
  expect(suggestQuestions([])).toEqual([]);
  const all = ["Heating", "Parking", "Warranties", "Snagging", "Broadband", "Rubbish", "Your handover"];
  expect(suggestQuestions(all)).toHaveLength(4);
});

test("a new conversation's id is a random UUID that the server takes", () => {
  const ids = Array.from({ length: 50 }, newThreadId);
  expect(new Set(ids).size).toBe(50);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("an address names a conversation or a new one", () => {
  expect(threadIdIn("/chat/abc")).toBe("abc");
  for (const other of ["/chat", "/chat/", "/chat/abc/more", "/documents/abc"])
    expect(threadIdIn(other)).toBeNull();
});

test("a title is one line of 1 to 100 characters; whatever a caller sends instead is none", () => {
  expect(readTitle("  Bins\n and   boxes ")).toEqual({ title: "Bins and boxes" });
  expect(readTitle("x".repeat(TITLE_MAX_LENGTH))).toHaveProperty("title");
  for (const wrong of ["", "   ", "x".repeat(TITLE_MAX_LENGTH + 1), null, undefined, 7, {}])
    expect(readTitle(wrong)).toEqual({ fault: "A title has 1 to 100 characters." });
});

test("a title with a character that nobody sees is refused with its number", () => {
  for (const [typed, character] of [
    ["Invoice \u202Efdp", "U+202E"],
    ["half \uD83D", "U+D83D"],
    ["a\0b", "U+0000"],
  ])
    expect(readTitle(typed)).toEqual({
      fault: `The title holds ${character}, which cannot be seen. Please type it without.`,
    });
});
