import { expect, test } from "vitest";
import { chunkText } from "../src/chunk-text.ts";

const markdown = (text: string) => chunkText(text, "text/markdown");
const words = (count: number) => Array.from({ length: count }, (_, n) => `word${n}`).join(" ");

test("Markdown is split at its headings, each passage under the nearest one", () => {
  expect(markdown("Before.\n\n# One ##\n\nFirst.\n\nStill first.\r\n## Two\r\nSecond.\n### \nBare.")).toEqual(
    [
      { heading: null, body: "Before.", start: 0 },
      { heading: "One ##", body: "First.\n\nStill first.", start: 19 },
      { heading: "Two", body: "Second.", start: 47 },
      { heading: null, body: "Bare.", start: 60 },
    ],
  );
});

test("a # in code or inside a word is no heading", () => {
  const text = "# Real\n\n```sh\n# a comment\n~~~\n```\n\n#hashtag and C#\n\n~~~\n# also code";
  expect(markdown(text).map(({ heading }) => heading)).toEqual(["Real"]);
});

test("plain text has no headings", () => {
  expect(chunkText("# Not a heading\n\nText.", "text/plain")).toEqual([
    { heading: null, body: "# Not a heading\n\nText.", start: 0 },
  ]);
});

test("nothing gives no passage", () => {
  for (const text of ["", " \n\t\n", "# Only a heading"]) expect(markdown(text)).toEqual([]);
});

test("no passage is longer than 1,000 characters, and no word is lost or cut", () => {
  const text = [words(500), words(20), words(90), words(3)].join("\n\n");
  const chunks = chunkText(text, "text/plain");
  for (const { body } of chunks) expect(body.length).toBeLessThanOrEqual(1_000);
  expect(
    chunks
      .map(({ body }) => body)
      .join(" ")
      .split(/\s+/),
  ).toEqual(text.split(/\s+/));
  expect(chunks.length).toBeLessThan(10);
});

test("a long paragraph is cut at a sentence where there is one", () => {
  const sentence = `${words(30)}. `;
  for (const { body } of chunkText(sentence.repeat(20), "text/plain")) expect(body).toMatch(/\.$/);
});

test("a text without spaces is cut all the same, and never inside a character", () => {
  const text = `x${"🏠".repeat(1_500)}`;
  const chunks = chunkText(text, "text/plain");
  expect(chunks.map(({ body }) => body).join("")).toBe(text);
  for (const { body } of chunks) {
    expect(body.length).toBeLessThanOrEqual(1_000);
    expect(() => encodeURIComponent(body)).not.toThrow(); // half a character would
  }
});

test.each([
  ["spaces", " ".repeat(1_000_000)],
  ["a heading of spaces", `# ${" ".repeat(1_000_000)}x`],
  ["newlines", "\n".repeat(1_000_000)],
  ["hashes", "#".repeat(1_000_000)],
  ["one word", "x".repeat(1_000_000)],
])("a megabyte of %s does not keep the process busy", (_, text) => {
  const start = performance.now();
  markdown(text);
  // Milliseconds where time grows with the length, minutes where it grows with its square.
  expect(performance.now() - start).toBeLessThan(5_000);
});

test("each passage tells where it begins in the text", () => {
  const text = `# One\n\n  ${words(500)}\n\n \n${words(90)}\n# Two\n\n${"x".repeat(2_500)}`;
  const chunks = markdown(text);
  expect(chunks.length).toBeGreaterThan(5);
  for (const { body, start } of chunks)
    expect(text.slice(start)).toMatch(new RegExp(`^${body.slice(0, 40)}`));
});
