import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { expect, test } from "vitest";
import { codeBlocksOf, compileErrorsOf } from "./support/code-blocks.ts";
import { trackedFiles } from "./support/tracked-files.ts";

const root = repositoryRoot();
const blocks = trackedFiles()
  .filter((path) => path.endsWith(".md") && !path.includes("/seed-data/"))
  .flatMap(codeBlocksOf);
const placeOf = ({ page, line }: { page: string; line: number }) => `${page}:${line}`;

test("every block of code that a page quotes from an example stands there, line by line", () => {
  const quotes = blocks.filter(({ quotedFrom }) => quotedFrom !== undefined);
  const wrong = quotes.filter(({ quotedFrom = "", code }) => {
    const quoted = code.slice(code.indexOf("\n") + 1).trim();
    return !readFileSync(join(root, quotedFrom), "utf8").includes(quoted);
  });
  expect(wrong.map(placeOf)).toEqual([]);
  expect(quotes.length).toBeGreaterThan(10);
});

test("every other block of code compiles", async () => {
  expect(await compileErrorsOf(blocks.filter(({ quotedFrom }) => quotedFrom === undefined))).toBe("");
}, 60_000);
