import { expect, test } from "vitest";
import {
  currentThreads,
  NO_EDITS,
  type ThreadItem,
  withMessage,
  withoutThread,
  withTitle,
} from "../app/(portal)/chat/optimistic-threads.ts";

const BINS: ThreadItem = { id: "bins", title: "Bins", lastMessageAtMs: 1_000 };
const HEAT: ThreadItem = { id: "heat", title: "Heating", lastMessageAtMs: 2_000 };
const PARK: ThreadItem = { id: "park", title: "Parking", lastMessageAtMs: 3_000 };
const titles = (threads: readonly ThreadItem[]) => threads.map(({ title }) => title);

test("a conversation that begins stands first, and once more said in it changes nothing but its time", () => {
  const once = withMessage(NO_EDITS, PARK);
  const twice = withMessage(once, { ...PARK, title: "Something else", lastMessageAtMs: 4_000 });
  expect(titles(currentThreads([HEAT, BINS], once))).toEqual(["Parking", "Heating", "Bins"]);
  expect(currentThreads([HEAT, BINS], twice)[0]).toEqual({ ...PARK, lastMessageAtMs: 4_000 });
});

test("an older conversation that is spoken in moves to the front under its own title", () => {
  const edits = withMessage(NO_EDITS, { ...BINS, title: "its opening words", lastMessageAtMs: 5_000 });
  expect(titles(currentThreads([HEAT, BINS], edits))).toEqual(["Bins", "Heating"]);
});

test("edits that the server knows of change nothing", () => {
  const edits = withTitle(withMessage(NO_EDITS, PARK), "bins", "Rubbish");
  const now = currentThreads([HEAT, BINS], edits);
  expect(currentThreads(now, edits)).toEqual(now);
});

test("a deleted conversation is gone, also one that began since the list was loaded", () => {
  const edits = withoutThread(withoutThread(withMessage(NO_EDITS, PARK), "park"), "bins");
  expect(titles(currentThreads([HEAT, BINS], edits))).toEqual(["Heating"]);
});
