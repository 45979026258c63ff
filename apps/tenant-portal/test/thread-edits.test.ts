import { expect, test } from "vitest";
import {
  currentThreads,
  NO_EDITS,
  type ThreadItem,
  withoutThread,
  withSpoken,
  withTitle,
} from "../app/(portal)/chat/thread-edits.ts";

const BINS: ThreadItem = { id: "bins", title: "Bins", spokenAtMs: 1_000 };
const HEAT: ThreadItem = { id: "heat", title: "Heating", spokenAtMs: 2_000 };
const PARK: ThreadItem = { id: "park", title: "Parking", spokenAtMs: 3_000 };
const titles = (threads: readonly ThreadItem[]) => threads.map(({ title }) => title);

test("a conversation that begins stands first, and once more said in it changes nothing but its time", () => {
  const once = withSpoken(NO_EDITS, PARK);
  const twice = withSpoken(once, { ...PARK, title: "Something else", spokenAtMs: 4_000 });
  expect(titles(currentThreads([HEAT, BINS], once))).toEqual(["Parking", "Heating", "Bins"]);
  expect(currentThreads([HEAT, BINS], twice)[0]).toEqual({ ...PARK, spokenAtMs: 4_000 });
});

test("an older conversation that is spoken in moves to the front under its own title", () => {
  const edits = withSpoken(NO_EDITS, { ...BINS, title: "its opening words", spokenAtMs: 5_000 });
  expect(titles(currentThreads([HEAT, BINS], edits))).toEqual(["Bins", "Heating"]);
});

test("edits that the server knows of change nothing", () => {
  const edits = withTitle(withSpoken(NO_EDITS, PARK), "bins", "Rubbish");
  const now = currentThreads([HEAT, BINS], edits);
  expect(currentThreads(now, edits)).toEqual(now);
});

test("a deleted conversation is gone, also one that began since the list was loaded", () => {
  const edits = withoutThread(withoutThread(withSpoken(NO_EDITS, PARK), "park"), "bins");
  expect(titles(currentThreads([HEAT, BINS], edits))).toEqual(["Heating"]);
});
