import { describe, expect, test } from "vitest";
import { MARKS, makeExcerpt } from "../src/excerpt.ts";

/** `[` and `]` stand for the marks. */
function read(marked: string, mediaType = "text/markdown") {
  const text = marked.replaceAll("[", MARKS.start).replaceAll("]", MARKS.end);
  const { excerpt, highlights } = makeExcerpt(text, mediaType);
  return {
    excerpt: excerpt.replaceAll("\u00A0", " "),
    found: highlights.map(([start, end]) => excerpt.slice(start, end)),
  };
}

test.each([
  ["one word", "Bleed the [radiator].", "Bleed the radiator.", ["radiator"]],
  ["the whole text", "[Radiators]", "Radiators", ["Radiators"]],
  ["no word", "Taps", "Taps", []],
  [
    "neighbours are one highlight",
    "the [heat] [pump] of [heat]",
    "the heat pump of heat",
    ["heat pump", "heat"],
  ],
  ["words with something between them are two", "[heat]-[pump]", "heat-pump", ["heat", "pump"]],
  ["characters beyond 16 bits", "🔥 [heat] 🔥", "🔥 heat 🔥", ["heat"]],
])("%s", (_, marked, excerpt, found) => {
  expect(read(marked)).toEqual({ excerpt, found });
});

test("what Markdown writes around words is not in the excerpt, and highlights stay where they belong", () => {
  const marked = "## Taps\n\n- **The [valve]**\n2. `turn` [it]\n\n| a | [b] |\n|---|:-:|\n> quoted";
  expect(read(marked)).toEqual({
    excerpt: "Taps The valve turn it a b quoted",
    found: ["valve", "it", "b"],
  });
  expect(read("2 * 3 | # [x]", "text/plain").excerpt).toBe("2 * 3 | # x");
});

describe("of a long passage", () => {
  const filler = (sentences: number) =>
    Array.from({ length: sentences }, (_, n) => `This is sentence ${n}.`).join(" ");

  test("the sentences with most of the words are shown, whole words only", () => {
    const { excerpt, found } = read(`${filler(30)} Bleed the [radiator], then the [valve]. ${filler(30)}`);
    expect(excerpt).toMatch(/^… .*This is sentence \d+\. .*Bleed the radiator, then the valve\..* \w+\.? …$/);
    expect(found).toEqual(["radiator", "valve"]);
    expect(excerpt.length).toBeLessThanOrEqual(324);
  });

  test("at its start there is nothing before, at its end nothing behind", () => {
    expect(read(`[Bleed] it. ${filler(30)}`).excerpt).toMatch(/^Bleed it\. .* …$/);
    expect(read(`${filler(30)} Then [bleed] it.`)).toEqual({
      excerpt: expect.stringMatching(/^… .* Then bleed it\.$/),
      found: ["bleed"],
    });
  });

  test("without sentences, it begins a little before the word; without blanks, anywhere", () => {
    const { excerpt, found } = read(`${"word ".repeat(200)}[bleed] ${"word ".repeat(200)}`);
    expect(excerpt).toMatch(/^… (word )+bleed( word)+ …$/);
    expect(found).toEqual(["bleed"]);
    expect(read("x".repeat(900)).excerpt).toBe(`${"x".repeat(320)} …`);
  });

  test("without a word found, its beginning is shown", () => {
    expect(read(filler(30))).toEqual({ excerpt: expect.stringMatching(/^This is sentence 0\./), found: [] });
  });
});

test("markup of a document is text of the excerpt", () => {
  expect(read("<b>[bold]</b> &amp;").excerpt).toBe("<b>bold</b> &amp;");
});
