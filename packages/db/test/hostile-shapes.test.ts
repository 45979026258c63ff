import { growthOf, MOST_GROWTH } from "@openhouse/pool-testing";
import { fromMarkdown } from "mdast-util-from-markdown";
import { expect, test } from "vitest";
import { chunkText } from "../src/chunk-text.ts";
import { makeExcerpt } from "../src/excerpt.ts";
import { markdownFault, treeFault } from "../src/markdown/budget.ts";
import { makeDocument } from "../src/markdown/document.ts";
import { unseenCharacter, withoutUnseen } from "../src/names.ts";
import { replaceWords } from "../src/spelling.ts";

/** Pieces of code, about as long as asked. */
const FENCES: Record<string, (length: number) => string> = {
  "a fence of one line after the other": (length) => "```\n".repeat(length / 4),
  "pieces of code with an empty line between": (length) => "```\na\n```\n\n".repeat(length / 11),
  "fences that nothing closes": (length) => "```a\n\n".repeat(length / 6),
  "a fence as long as its text": (length) => `${"`".repeat(length / 2)}\n${"`".repeat(length / 2 - 1)}`,
  "fences of every length": (length) =>
    Array.from({ length: Math.sqrt(2 * length) }, (_, at) => "`".repeat(at + 3)).join("\n"),
  "fences of tildes and of ticks in turn": (length) => "~~~\n```\n".repeat(length / 8),
  "fences in quotes": (length) => `${"> ".repeat(19)}\`\`\`\n`.repeat(length / 42),
  "fences in items in items": (length) => `${"- ".repeat(19)}\`\`\`\n`.repeat(length / 42),
  "a long word behind a fence": (length) => `\`\`\`${"a".repeat(length)}\n`,
  "characters by name behind a fence": (length) => `\`\`\`${"&amp;".repeat(length / 5)}\n`,
  "one piece of code to the end": (length) => `\`\`\`\n${"> - *a_ [b](c) |-|\n".repeat(length / 18)}\`\`\``,
  "one piece of code that is none": (length) =>
    `\`\`\`\n${"> - *a_ [b](c) |-|\n".repeat(length / 18)}\`\`\` a`,
};

/** What strangers may send, about as long as asked. */
const SHAPES: Record<string, (length: number) => string> = {
  quotes: (length) => ">".repeat(length),
  "items in items": (length) => "- ".repeat(length / 2),
  brackets: (length) => "[".repeat(length),
  "pictures in pictures": (length) => `${"![".repeat(length / 6)}${"](x)".repeat(length / 6)}`,
  "emphasis without an end": (length) => "*a_ ".repeat(length / 4),
  "stars around a letter": (length) => `${"*".repeat(length / 2)}a${"*".repeat(length / 2)}`,
  "emphasis in emphasis": (length) => `${"*a **b ".repeat(length / 14)}${"b** a* ".repeat(length / 14)}`,
  ticks: (length) => "`a``".repeat(length / 4),
  entities: (length) => "&amp;".repeat(length / 5),
  tags: (length) => "<a ".repeat(length / 3),
  "a wide table": (length) =>
    `${"|a".repeat(length / 8)}|\n${"|-".repeat(length / 8)}|\n${"|\n".repeat(length / 4)}`,
  "lines of dashes": (length) => "|-|-|\n".repeat(length / 6),
  blanks: (length) => `${" ".repeat(length)}x`,
  "empty lines": (length) => "\n \n".repeat(length / 3),
  "blanks in lines": (length) => `a${" ".repeat(60)}\n`.repeat(length / 62),
  "a long word": (length) => "x".repeat(length),
  hyphens: (length) => "a-".repeat(length / 2),
  "signs of direction": (length) => "\u202Ea\u200B".repeat(length / 3),
  ...FENCES,
  emoji: (length) => "👩\u200D👧 ".repeat(length / 6),
};

const PARSERS: Record<string, (text: string) => unknown> = {
  markdownFault,
  makeDocument: (body) => makeDocument({ title: "T", mediaType: "text/markdown", body }),
  chunkText: (text) => chunkText(text, "text/markdown"),
  makeExcerpt: (text) => makeExcerpt(text, "text/markdown"),
  replaceWords: (text) => replaceWords(text, new Map([["x", "y"]])),
  unseenCharacter,
  withoutUnseen,
};

for (const [parser, parse] of Object.entries(PARSERS)) {
  test.each(Object.entries(SHAPES))(
    `${parser} takes as much more of %s as there is more of it`,
    async (_what, shape) => {
      const { ratio, figures } = await growthOf(parse, shape);
      expect(ratio, figures).toBeLessThan(MOST_GROWTH);
    },
  );
}

test.each(Object.entries(FENCES))(
  "%s: is beyond the budget, or few parts of a page, however long it is",
  (_what, shape) => {
    const text = shape(400_000);
    const tree = fromMarkdown(text.slice(0, 40_000));
    if (markdownFault(text) === null) expect(treeFault(tree)).toBeNull();
    const pages = makeDocument({ title: "T", mediaType: "text/markdown", body: text });
    expect(JSON.stringify(pages).length).toBeLessThan(8 * text.length);
  },
);
