import { expect, test } from "vitest";
import { GAP, MARKS, readExcerpt } from "../excerpt.ts";

/** `[` and `]` stand for the marks. */
const read = (marked: string, whole = marked, mediaType = "text/markdown") => {
  const withMarks = (text: string) => text.replaceAll("[", MARKS.start).replaceAll("]", MARKS.end);
  const { excerpt, highlights } = readExcerpt(withMarks(marked), whole.replace(/[[\]]/g, ""), mediaType);
  return { excerpt, found: highlights.map(([start, end]) => excerpt.slice(start, end)) };
};

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
  expect(read("2 * 3 | # [x]", "2 * 3 | # x", "text/plain").excerpt).toBe("2 * 3 | # x");
});

test("an excerpt that was cut out says so, at the end that was cut", () => {
  const whole = "One two three. Four five six. Seven eight.";
  expect(read("One [two]", whole)).toEqual({ excerpt: "One two …", found: ["two"] });
  expect(read("[Seven] eight.", whole)).toEqual({ excerpt: "… Seven eight.", found: ["Seven"] });
  expect(read(`two${GAP}[Seven]`, whole)).toEqual({ excerpt: "… two … Seven …", found: ["Seven"] });
});

test("markup of a document is text of the excerpt", () => {
  expect(read("<b>[bold]</b> &amp;").excerpt).toBe("<b>bold</b> &amp;");
});
