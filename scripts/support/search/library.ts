import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";

/** Words that only some documents have: names, models, parts. Drawn so that the n-th is 1/n as frequent, as words are. */
const RARE_WORDS = 20_000;
const SECTIONS = 12;
const SENTENCES_EACH = 5;

/** A pseudorandom number from 0 to below 1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Makes documents of about twelve passages: sentences of the example documents, each with a rarer word or two. */
export function library(random: () => number) {
  const sentences = exampleSentences();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const rareWord = () => spelled(Math.floor(RARE_WORDS ** random()));
  const sentence = () => `${pick(sentences)} ${rareWord()} and ${rareWord()} are listed.`;
  const title = () => `${capital(rareWord())} ${pick(TOPICS)}`;
  return {
    document() {
      const sections = Array.from(
        { length: SECTIONS },
        () =>
          `## ${capital(pick(TOPICS))} ${rareWord()}\n\n${Array.from({ length: SENTENCES_EACH }, sentence).join(" ")}`,
      );
      const name = title();
      return { title: name, body: `# ${name}\n\n${sections.join("\n\n")}` };
    },
    /** What somebody types: a common word, a topic with a rare word, several words of a sentence, a slip. */
    query(): { kind: "one common word" | "two words" | "a question" | "a misspelt word"; text: string } {
      const words = pick(sentences).match(/[a-z]{5,}/g) ?? ["heating"];
      const roll = random();
      if (roll < 0.3) return { kind: "one common word", text: pick(TOPICS) };
      if (roll < 0.6) return { kind: "two words", text: `${pick(words)} ${rareWord()}` };
      if (roll < 0.85) return { kind: "a question", text: `how do I ${words.slice(0, 5).join(" ")}` };
      return { kind: "a misspelt word", text: `${misspelt(pick(words))} ${pick(TOPICS)}` };
    },
  };
}

const TOPICS = [
  "heating",
  "parking",
  "warranty",
  "ventilation",
  "water",
  "waste",
  "broadband",
  "windows",
  "garden",
  "fire",
];
const SYLLABLES = [
  "ka",
  "ro",
  "mi",
  "ten",
  "lu",
  "sor",
  "ve",
  "dan",
  "pil",
  "hu",
  "bra",
  "fen",
  "go",
  "zim",
  "wa",
  "ple",
];

/** A made-up word for each number. */
function spelled(number: number): string {
  let word = "";
  for (let rest = number + 16; rest > 0; rest = Math.floor(rest / 16)) word += SYLLABLES[rest % 16];
  return word;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const misspelt = (word: string) => `${word.slice(0, 2)}${word.slice(3)}`;

function exampleSentences(): string[] {
  const folder = join(repositoryRoot(), "packages/db/src/seed-data/documents");
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .replace(/^#.*$/gm, "")
      .split(/(?<=\.)\s+/)
      .map((sentence) => sentence.trim())
      .filter((sentence) => sentence.length > 30 && !sentence.includes("{{")),
  );
}
