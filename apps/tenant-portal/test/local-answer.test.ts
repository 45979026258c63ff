import { describe, expect, test } from "vitest";
import type { Passage } from "../lib/chat/chat-message.ts";
import { extractiveAnswer, NOTHING_FOUND, relevantPassages, sentencesOf } from "../lib/chat/extract.ts";
import { localAnswer } from "../lib/chat/local-answer.ts";
import { toQuery } from "../lib/chat/search-documents.ts";
import { isAlike, topicWords } from "../lib/chat/words.ts";

const passage = (title: string, heading: string | null, excerpt: string): Passage => ({
  documentId: title,
  title,
  heading,
  position: 0,
  excerpt,
});
const BINS = passage(
  "Rubbish and recycling",
  "Collection days",
  "The council collects. Food waste is collected every week on Tuesday. Recycling goes out in even weeks. After a bank holiday everything is a day later.",
);
const HEATING = passage(
  "Heating manual",
  "Faults",
  "If the controller shows code E5, the flow is too low. Bleeding radiators is safe. Top the pressure up to 1.5 bar afterwards.",
);
const GARDEN = passage(
  "Garden *and* hedges",
  null,
  "The brown bin is collected from March on. Cut hedges in autumn.",
);
const ALL = [BINS, HEATING, GARDEN];

test("the sentences that answer are quoted, with their document and heading", () => {
  expect(extractiveAnswer("When is food waste collected?", ALL)).toBe(
    "**Rubbish and recycling**, “Collection days” says:\n\n> Food waste is collected every week on Tuesday. Recycling goes out in even weeks. After a bank holiday everything is a day later.",
  );
  expect(extractiveAnswer("what does E5 mean", ALL)).toMatch(
    /^\*\*Heating manual\*\*.*\n\n> If the controller/,
  );
  expect(extractiveAnswer("How do I bleed my radiatr?", ALL)).toContain("> Bleeding radiators is safe.");
});

test("a second document is named where it says as much; its title is no Markdown", () => {
  const answer = extractiveAnswer("Which bin is collected?", [GARDEN, BINS]);
  expect(answer).toContain("**Garden \\*and\\* hedges** says:");
  expect(answer).not.toContain("Heating");
});

test.each(["What is the capital of France?", "Can I keep a pet giraffe?", "how are you", "?!", ""])(
  "%j: nothing was found, and that is said",
  (question) => {
    expect(extractiveAnswer(question, ALL)).toBe(NOTHING_FOUND);
    expect(relevantPassages(question, ALL)).toEqual([]);
  },
);

test("a long story is about what its first words are about, and takes no time", () => {
  const story = `My radiators are cold and the pressure is low. ${"I wonder about everything and nothing. ".repeat(90)}`;
  const long = Array.from({ length: 8 }, (_, n) =>
    passage(`D${n}`, null, "Radiators have pressure. ".repeat(40)),
  );
  const startedAt = performance.now();
  for (let n = 0; n < 50; n++) extractiveAnswer(story, long);
  expect((performance.now() - startedAt) / 50).toBeLessThan(50);
  expect(extractiveAnswer(story, [HEATING])).toContain("Heating manual");
});

test("words of one form are alike, others are not", () => {
  const alike = [
    ["bins", "bin"],
    ["collected", "collection"],
    ["radiatr", "radiators"],
    ["bleed", "bleeding"],
  ];
  for (const [one = "", other = ""] of alike)
    expect([one, other, isAlike(one, other)]).toEqual([one, other, true]);
  const unlike = [
    ["waste", "water"],
    ["heating", "eating"],
    ["gas", "gate"],
    ["park", "paint"],
  ];
  for (const [one = "", other = ""] of unlike)
    expect([one, other, isAlike(one, other)]).toEqual([one, other, false]);
  expect(topicWords("How do I, please, bleed the radiators? The radiators!")).toEqual(["bleed", "radiators"]);
});

test("sentences end where sentences end; lines of a list are some", () => {
  expect(sentencesOf("It is 1.5 bar. Call 0117 496. “Now?” Yes.\nGo on\n\n- One\n- Two")).toEqual([
    "It is 1.5 bar.",
    "Call 0117 496.",
    "“Now?”",
    "Yes.",
    "Go on",
    "One",
    "Two",
  ]);
});

test("a table's rows are sentences, and what only looks like a table stays as it is", () => {
  const table =
    "Call us.\n\n| Bin | Day | Price |\n|:--|:-:|--:|\n| Glass | every second Friday | |\n| Garden \\| hedges | Tuesday. | 4.50 |\n\nAfter it.";
  expect(sentencesOf(table)).toEqual([
    "Call us.",
    "Glass: every second Friday.",
    "Garden | hedges: Tuesday., 4.50.",
    "After it.",
  ]);
  expect(sentencesOf("| no table |\n| at all |")).toEqual(["| no table | | at all |"]);
  const passages = [passage("Bins", null, table), HEATING];
  expect(extractiveAnswer("When is glass collected?", passages)).toContain("> Glass: every second Friday.");
});

test("what is searched for is one line and no letter", () => {
  expect(toQuery("How do\n I\0 do it?")).toBe("How do I do it?");
  expect(toQuery("word ".repeat(100)).length).toBeLessThanOrEqual(200);
  expect(toQuery(`x${"🏠".repeat(300)}`)).toMatch(/^x🏠+\ufffd?$/u);
});

describe("the answer", () => {
  const QUESTION = "When is food waste collected?";

  test("comes in pieces, whole and in order", async () => {
    const pieces: string[] = [];
    for await (const piece of localAnswer(QUESTION, ALL, new AbortController().signal)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("")).toBe(extractiveAnswer(QUESTION, ALL));
  });

  test("stops when its reader does", async () => {
    const leaving = new AbortController();
    const pieces = localAnswer(QUESTION, ALL, leaving.signal);
    await pieces.next();
    leaving.abort();
    await expect(pieces.next()).rejects.toThrow(/abort/i);
  });
});
