import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { forgetDrafts, keepDrafts, moveDraft, readDraft, writeDraft } from "../app/(portal)/chat/drafts.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const place = { homeownerId: "priya", threadId: "one" };
const beginning = { homeownerId: "priya", threadId: null };
const keys = () => Object.keys(localStorage);
let stop: () => void;

/** As a browser has it: what is kept are its own properties. */
class KeptStrings {
  [key: string]: unknown;
  getItem(key: string) {
    return this[key] ?? null;
  }
  setItem(key: string, value: string) {
    this[key] = value;
  }
  removeItem(key: string) {
    delete this[key];
  }
}
/** What a tab is told when another one writes. */
const otherTab = (key: string | null, newValue: string | null) =>
  window.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.stubGlobal("localStorage", new KeptStrings());
  vi.stubGlobal("window", new EventTarget());
  stop = keepDrafts();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a draft is kept for 30 days in its place, and what is too old, or no draft, is deleted at the next visit", () => {
  writeDraft(place, "And on Sundays?");
  writeDraft(beginning, "Where");
  writeDraft(beginning, " ");
  expect(readDraft(place)).toBe("And on Sundays?");
  expect(keys()).toEqual(["openhouse-draft:priya:one"]);
  vi.advanceTimersByTime(29 * DAY_MS);
  writeDraft(beginning, "Where");
  localStorage.setItem("openhouse-draft:priya:two", "no JSON");
  localStorage.setItem("theme", "dark");
  vi.advanceTimersByTime(DAY_MS);
  stop();
  stop = keepDrafts();
  expect(keys()).toEqual(["openhouse-draft:priya:new", "theme"]);
});

test("what was typed before the server kept the first question goes along with the conversation", () => {
  writeDraft(beginning, "And on Sundays?");
  moveDraft({ homeownerId: "priya", threadId: "one" });
  expect([readDraft(place), readDraft(beginning)]).toEqual(["And on Sundays?", ""]);
  moveDraft({ homeownerId: "priya", threadId: "one" });
  expect(readDraft(place)).toBe("And on Sundays?");
});

test("whoever signs out leaves no draft, and writes none until somebody signs in", () => {
  writeDraft(place, "Mine");
  forgetDrafts();
  writeDraft(place, "Mine, still in the field");
  expect(keys()).toEqual([]);
  stop();
  stop = keepDrafts();
  writeDraft(place, "Theirs");
  expect(readDraft(place)).toBe("Theirs");
});

test.for([
  ["openhouse-signed-out", "1"],
  [null, null],
] as const)("after a sign-out in another tab (%s) nothing is written here", ([key, value]) => {
  otherTab("openhouse-draft:priya:one", "anything");
  writeDraft(place, "Mine");
  expect(readDraft(place)).toBe("Mine");
  otherTab(key, value);
  writeDraft(place, "Mine, still in the field");
  expect(readDraft(place)).toBe("Mine");
});

test("a sign-out tells the other tabs", () => {
  const set = vi.spyOn(localStorage, "setItem");
  forgetDrafts();
  expect(set.mock.calls).toEqual([["openhouse-signed-out", "1"]]);
});
