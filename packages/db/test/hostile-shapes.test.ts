import { expect, test } from "vitest";
import { chunkText } from "../src/chunk-text.ts";
import { makeExcerpt } from "../src/excerpt.ts";
import { markdownFault } from "../src/markdown/budget.ts";
import { makeDocument } from "../src/markdown/document.ts";
import { unseenCharacter, withoutUnseen } from "../src/names.ts";
import { replaceWords } from "../src/spelling.ts";

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

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Eight times the text takes eight times the work; a square would take 64. Below some milliseconds the clock says nothing. */
const [SHORT, LONG, MOST_RATIO, LEAST_MS] = [4_000, 32_000, 28, 8];

/**
 * What else the process and the machine do only adds to a measurement, so that the least of several is the truth: as
 * many are taken as it takes to come below the bound, and a square comes below it with none.
 */
const MOST_MEASUREMENTS = 16;

for (const [parser, parse] of Object.entries(PARSERS)) {
  test.each(Object.entries(SHAPES))(
    `${parser} takes as much more of %s as there is more of it`,
    (_what, shape) => {
      const [short, long] = [shape(SHORT), shape(LONG)];
      parse(short);
      const shortMs = Math.max(
        LEAST_MS / 8,
        Math.min(...Array.from({ length: 4 }, () => cpuMs(() => parse(short)))),
      );
      let longMs = Number.POSITIVE_INFINITY;
      for (let taken = 0; taken < MOST_MEASUREMENTS && longMs / shortMs >= MOST_RATIO; taken++) {
        longMs = Math.min(
          longMs,
          cpuMs(() => parse(long)),
        );
      }
      expect(longMs / shortMs, `${shortMs.toFixed(1)} ms, then ${longMs.toFixed(1)} ms`).toBeLessThan(
        MOST_RATIO,
      );
    },
  );
}
