import { expect, test } from "vitest";
import type { Passage } from "../lib/chat/chat-message.ts";
import { sayQuotes } from "../lib/chat/extract.ts";
import { quotedPassages } from "../lib/chat/quoted.ts";

const passage = (title: string, heading: string | null, position: number, excerpt: string): Passage => ({
  documentId: title,
  title,
  heading,
  position,
  excerpt,
});

const BINS = passage(
  "Bins_and *more*",
  "Days",
  1,
  "Glass goes into the black\nbox. Food waste goes on Wednesday.",
);
const BINS_GOING_ON = passage(
  "Bins_and *more*",
  "Days",
  2,
  "In the week after a bank holiday all is a day later.",
);
const PARKING = passage("Parking", null, 0, "Visitors park behind the crane.");
const WARRANTY = passage("Warranties", "Years", 3, "Two years.");

test("what an answer quotes is found among what was found, in the answer's order, by its place and its words", () => {
  const answer = sayQuotes([
    { passage: PARKING, sentences: ["Visitors park behind the crane."] },
    { passage: BINS_GOING_ON, sentences: ["In the week after a bank holiday all is a day later."] },
  ]);
  expect(quotedPassages(answer, [BINS, WARRANTY, BINS_GOING_ON, PARKING])).toEqual([PARKING, BINS_GOING_ON]);
  expect(quotedPassages(answer, [BINS_GOING_ON, BINS])).toEqual([BINS_GOING_ON]);
});

test("an answer in its own words quotes nothing", () => {
  expect(quotedPassages("Glass goes into the black box. See Warranties.", [BINS, WARRANTY])).toEqual([]);
  expect(quotedPassages("", [BINS])).toEqual([]);
});
