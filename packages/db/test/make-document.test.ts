import { expect, test } from "vitest";
import { makeDocument } from "../src/markdown/document.ts";
import { makeDocumentAside } from "../src/markdown/make-document.ts";

const LONG = {
  title: "Long",
  mediaType: "text/markdown",
  body: "## Part\n\nSome **plain** words of a paragraph that goes on and on.\n\n".repeat(1_000),
} as const;

test("a long document is made in a thread of its own, and the portal goes on meanwhile", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const made = await makeDocumentAside(LONG);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  expect(made).toEqual(makeDocument(LONG));
  expect(made.outline.length).toBeGreaterThan(0);
});

test("one that takes too long is shown as plain text, with its passages", async () => {
  const made = await makeDocumentAside(LONG, { timeMs: 1 });
  expect(made).toEqual(makeDocument(LONG, true));
  expect(made.outline).toEqual([]);
});
