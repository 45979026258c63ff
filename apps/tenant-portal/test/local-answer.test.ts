import { describe, expect, test } from "vitest";
import type { Passage } from "../lib/chat/chat-message.ts";
import { followUpQuery, topicOf } from "../lib/chat/concepts.ts";
import { extractiveAnswer, NOTHING_FOUND, relevantPassages, sentencesOf } from "../lib/chat/extract.ts";
import { inPieces, localAnswer } from "../lib/chat/local-answer.ts";
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
  const answer = extractiveAnswer("Which garden bin is collected?", [GARDEN, BINS]);
  expect(answer).toContain("**Garden \\*and\\* hedges**");
  expect(answer).toContain("**Rubbish and recycling**");
  expect(answer).not.toContain("Heating");
});

test.each(["What is the capital of France?", "Can I keep a pet giraffe?", "how are you", "?!", ""])(
  "%j: nothing was found, and that is said",
  (question) => {
    expect(extractiveAnswer(question, ALL)).toBe(NOTHING_FOUND);
    expect(relevantPassages(question, ALL)).toEqual([]);
  },
);

test("a story is about what its first words are about, and one ten times as long is looked for no longer", () => {
  const story = (words: number) =>
    `My radiators are cold and the pressure is low. ${Array.from({ length: words }, (_, n) => `wonder${n}`).join(" ")}`;
  expect(topicOf(story(900))).toEqual(topicOf(story(90)));
  expect(topicOf(story(90)).own.length).toBeLessThan(30);
  expect(extractiveAnswer(story(900), [HEATING])).toContain("Heating manual");
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
  const nothing = async () => ({ passages: [] });

  test("comes in pieces, whole and in order", async () => {
    const pieces: string[] = [];
    const answer = await localAnswer(QUESTION, ALL, nothing);
    for await (const piece of inPieces(answer, new AbortController().signal)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("")).toBe(extractiveAnswer(QUESTION, ALL));
  });

  test("stops when its reader does", async () => {
    const leaving = new AbortController();
    const pieces = inPieces(await localAnswer(QUESTION, ALL, nothing), leaving.signal);
    await pieces.next();
    leaving.abort();
    await expect(pieces.next()).rejects.toThrow(/abort/i);
  });

  test("says in an emergency first who to call, and where nothing answers whom to ask", async () => {
    const contact = passage(
      "Handover",
      "Who to call",
      "Customer care answers on 0117 496 0142. At night the same number is the emergency line.",
    );
    const search = async () => ({ passages: [BINS, contact] });
    for (const urgent of ["Water comes through the ceiling!", "Rohrbruch!", "I smell gas", "no power at all"])
      expect(await localAnswer(urgent, [HEATING], search)).toMatch(
        /999 first.*\n\n.*Who to call.*\n\n> .*0117 496 0142/,
      );
    expect(await localAnswer("Any giraffes?", ALL, search)).toBe(
      `${NOTHING_FOUND} Their number is 0117 496 0142.`,
    );
    expect(await localAnswer("I smell gas", ALL, nothing)).toContain(NOTHING_FOUND);
    expect(await localAnswer("Thanks a lot!", ALL, nothing)).toMatch(/welcome/);
  });
});

test("a question that points back is asked together with the one before, others are not", () => {
  const before = "When is food waste collected?";
  expect(followUpQuery("And glass?", before)).toBe(`And glass? [${before}]`);
  expect(followUpQuery("Who do I call if it breaks?", before)).toContain(`[${before}]`);
  expect(followUpQuery("Where may my visitors park?", before)).toBe("Where may my visitors park?");
  expect(followUpQuery("And glass?", undefined)).toBe("And glass?");
  const { own, context } = topicOf(followUpQuery("And glass?", before));
  expect(own.map(({ word }) => word)).toEqual(["glass"]);
  expect(context.map(({ word }) => word)).toContain("food");
});
