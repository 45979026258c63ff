import { expect, test } from "vitest";
import type { Assistant } from "../lib/chat/assistant.ts";
import { NOTHING_FOUND } from "../lib/chat/extract.ts";
import { isNothingKnown } from "../lib/chat/nothing-known.ts";
import type { Said } from "../lib/chat/relay-model.ts";

const LOCAL: Assistant = { local: true, label: "quotes" };
const MODEL = { local: false, label: "model" } as Assistant;
const PASSAGE = { documentId: "d", title: "Bins", heading: null, position: 0, excerpt: "Wednesdays." };

function known(assistant: Assistant, said: Partial<Said>, passages: (typeof PASSAGE)[] = []): boolean {
  const lookup = { id: "1", input: { query: "q" }, output: { passages } };
  return !isNothingKnown({ assistant, lookup }, { text: "", lookups: [], ending: "complete", ...said });
}

const found = (passages: unknown[]) => ({ name: "searchDocuments", input: {}, output: { passages } });

test("the assistant that only quotes knows nothing where it says so, whatever was searched", () => {
  expect(known(LOCAL, { text: `${NOTHING_FOUND} Their number is 0117 496 0142.` }, [PASSAGE])).toBe(false);
  expect(known(LOCAL, { text: "You’re welcome." })).toBe(true);
  expect(known(LOCAL, { text: "Bins says: Wednesdays." }, [PASSAGE])).toBe(true);
});

test("a model knows nothing where none of its searches found a passage", () => {
  expect(known(MODEL, { text: "Je ne sais pas." })).toBe(false);
  expect(known(MODEL, { text: "?", lookups: [found([])] })).toBe(false);
  expect(known(MODEL, { text: "?", lookups: [found([]), found([PASSAGE])] })).toBe(true);
  expect(known(MODEL, { text: "?" }, [PASSAGE])).toBe(true);
});

test("an answer that did not come to its end says nothing about the documents", () => {
  for (const ending of ["left", "failed", "silent", "nothing"] as const)
    expect(known(LOCAL, { text: NOTHING_FOUND, ending })).toBe(true);
});
