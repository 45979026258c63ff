import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";
import { expect, test } from "vitest";
import {
  type BudgetNode,
  MARKDOWN_BUDGET,
  markdownFault,
  treeFault,
  withinBudget,
} from "../src/markdown/budget.ts";

const { columns, cells, depth, nodes } = MARKDOWN_BUDGET;
const parse = (text: string) =>
  fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
const table = (wide: number, rows: number, row = "|\n") =>
  `${"|a".repeat(wide)}|\n${"|-".repeat(wide)}|\n${row.repeat(rows)}`;

test.each([
  ["a table as wide as may be", table(columns, 10)],
  ["as many cells as may be", table(columns, cells / columns - 1)],
  ["quotes as deep as may be", `${">".repeat(depth)} a`],
  ["a document of 1 MB in plain words", "Some plain words of a paragraph that goes on.\n\n".repeat(6_000)],
  ["long lines that are broken by hand", "words of a paragraph that goes on and on\n".repeat(20_000)],
  ["emphasis in paragraphs of their own", "**one** and *two*, `three`\n\n".repeat(800)],
  ["a long list of links", "- [a](https://a.example) and **b**\n".repeat(600)],
  ["a rule of stars, and one of dashes", `${"* ".repeat(40)}\n\n${"- ".repeat(40)}`],
  ["code that is far to the right", `${" ".repeat(120)}x`],
])("%s: is within the budget", (_what, text) => {
  expect(markdownFault(text)).toBeNull();
});

test.each([
  ["a table that is too wide", `words\n\n${table(columns + 1, 1)}`, { what: "columns", line: 4 }],
  ["a table with too many rows", table(columns, 1_000), { what: "cells", line: 127 }],
  ["rows that say nothing", table(20, 6_000, "|\n"), { what: "cells", line: 252 }],
  ["a table in a quote", table(41, 3).replace(/^/gm, "> "), { what: "columns", line: 2 }],
  ["a table in an item", `- ${table(41, 3).replace(/\n/g, "\n  ")}`, { what: "columns", line: 2 }],
  ["quotes in quotes", `a\n${">".repeat(5_000)}`, { what: "depth", line: 2 }],
  ["items in items on one line", "- ".repeat(5_000).concat("a"), { what: "depth", line: 1 }],
  ["numbered items in items", "1. ".repeat(50).concat("a"), { what: "depth", line: 1 }],
  ["emphasis without an end", "*a_ ".repeat(5_000), { what: "marks", line: 1 }],
  ["pictures in pictures", `${"![".repeat(5_000)}${"](x)".repeat(5_000)}`, { what: "marks", line: 1 }],
  ["stars around a letter", `${"*".repeat(2_500)}a${"*".repeat(2_500)}`, { what: "marks", line: 1 }],
  ["a rule without an end", "- ".repeat(500), { what: "marks", line: 1 }],
  ["headings without number", "# a\n".repeat(nodes), { what: "nodes" }],
])("%s: is told with its line", (_what, text, fault) => {
  expect(markdownFault(text)).toMatchObject(fault);
});

test("items in items on lines of their own are told at the line that goes too deep", () => {
  const lines = Array.from({ length: 40 }, (_, level) => `${"  ".repeat(level)}- a`);
  expect(markdownFault(lines.join("\n"))).toEqual({ what: "depth", line: depth + 1 });
  expect(markdownFault(lines.join("\nlazy\n"))).toEqual({ what: "depth", line: 2 * depth + 1 });
});

test("emphasis within emphasis is counted once it is parsed", () => {
  const nested = `${"*a **b ".repeat(15)}${"b** a* ".repeat(15)}`;
  expect(markdownFault(nested)).toBeNull();
  expect(treeFault(parse(nested))).toEqual({ what: "depth", line: 1 });
  expect(treeFault(parse("*a **b***\n\n> - c"))).toBeNull();
});

test("a text beyond the budget is kept as one piece of code, which is within it", () => {
  for (const text of [table(columns + 1, 3), `${">".repeat(5_000)}\n\`\`\`\`\n`, "*a_ ".repeat(5_000)]) {
    const kept = withinBudget(text);
    expect(markdownFault(kept)).toBeNull();
    expect(parse(kept).children).toMatchObject([{ type: "code", value: text }]);
    expect(withinBudget(kept)).toBe(kept);
  }
  expect(withinBudget("**as it is**")).toBe("**as it is**");
});

test("a text that closes its first piece of code is judged by what follows", () => {
  expect(markdownFault(`\`\`\`\n\`\`\`\n${">".repeat(50)}\n\`\`\``)?.what).toBe("depth");
});

/** What the tree really holds, in the budget's words. */
function measure(root: BudgetNode) {
  const found = { columns: 0, cells: 0, depth: 0, nodes: 0 };
  const visit = (node: BudgetNode, within: number) => {
    const children = node.children ?? [];
    const deep = within + (node.type === "blockquote" || node.type === "listItem" ? 1 : 0);
    if (node.type === "table") {
      const wide = children[0]?.children?.length ?? 0;
      found.columns = Math.max(found.columns, wide);
      found.cells += wide * children.length;
    }
    found.nodes += 1;
    found.depth = Math.max(found.depth, deep);
    for (const child of children) visit(child, deep);
  };
  visit(root, 0);
  return found;
}

const PIECES = [
  "> ",
  ">",
  "- ",
  "* ",
  "+",
  "+ ",
  "1. ",
  "2) ",
  "10. ",
  "  ",
  "    ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  "a",
  "word ",
  "**",
  "*",
  "_",
  "`",
  "```\n",
  "~~~\n",
  "[",
  "](b)",
  "![",
  "]: c\n",
  "|",
  "|a",
  "|-",
  "|-|-|\n",
  "|:-:",
  ":-",
  "---\n",
  "===\n",
  "# ",
  "<b>",
  "<!--",
  "-->",
  "\\",
  "&amp;",
  "  \n",
  "é",
  "\u00a0",
];

/** A generator of the same numbers at each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test("no text makes more when it is parsed than it is judged by: 3,000 random ones", () => {
  const random = numbers(12);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  for (let run = 0; run < 3_000; run++) {
    const favoured = Array.from({ length: 3 + random() * 6 }, () => pick(PIECES));
    let text = "";
    for (let length = 20 + random() * 160; text.length < length; )
      text += pick(random() < 0.7 ? favoured : PIECES) ?? "";
    const found = measure(parse(text));
    for (const what of ["columns", "cells", "depth", "nodes"] as const) {
      if (found[what] === 0) continue;
      const least = { columns: 1e9, cells: 1e9, depth: 1e9, nodes: 1e9, marks: 1e9, [what]: found[what] - 1 };
      expect(markdownFault(text, least)?.what, `${what} ${found[what]}: ${JSON.stringify(text)}`).toBe(what);
    }
  }
});
