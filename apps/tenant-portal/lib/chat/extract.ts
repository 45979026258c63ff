import type { Passage } from "./chat-message.ts";
import { readTables } from "./read-tables.ts";
import { isAlike, topicWords, wordsOf } from "./words.ts";

/** Sentences of one passage that answer a question. */
export interface Quote {
  passage: Passage;
  sentences: string[];
}

const LONGEST_QUOTE_SENTENCES = 3;
/** How good a second document's sentences must be beside the best one's, to be quoted too. */
const WORTH_QUOTING = 0.7;
/** A word of the title or heading says what the sentences are about, but not that they answer. */
const HEADING_SHARE = 0.5;
/** A passage with that many of the question's words is about it, however long the question is. */
const ENOUGH_WORDS = 3;

/**
 * The passages that are about what was asked: those with half of the question's words, or three of them, and more than
 * half as many as the one with most.
 */
export function relevantPassages(question: string, passages: readonly Passage[]): Passage[] {
  return relevant(topicWords(question), passages).map(({ passage }) => passage);
}

/**
 * Picks what answers `question` best: up to three sentences in a row of the best passage, and of another document's
 * where they are nearly as good. Empty where no passage is relevant.
 */
function extractQuotes(question: string, passages: readonly Passage[]): Quote[] {
  const topic = topicWords(question);
  const read = relevant(topic, passages);
  const weights = weightsOf(topic, read);
  const candidates = read.map((each) => bestRun(each, weights)).sort((one, other) => other.score - one.score);
  const [best] = candidates;
  if (best === undefined) return [];
  const second = candidates.find(
    ({ quote, score }) =>
      quote.passage.documentId !== best.quote.passage.documentId && score >= WORTH_QUOTING * best.score,
  );
  return second === undefined ? [best.quote] : [best.quote, second.quote];
}

interface ReadPassage {
  passage: Passage;
  sentences: { text: string; words: Set<string> }[];
  above: Set<string>;
  all: Set<string>;
}

function relevant(topic: readonly string[], passages: readonly Passage[]): ReadPassage[] {
  const needed = Math.min(ENOUGH_WORDS, Math.ceil(topic.length / 2));
  if (needed === 0) return [];
  const read = passages.map((passage) => readPassage(passage, topic));
  const most = Math.max(...read.map(({ all }) => all.size));
  return read.filter(({ all }) => all.size >= needed && all.size > most / 2);
}

/** Which of the topic's words stand where. */
function readPassage(passage: Passage, topic: readonly string[]): ReadPassage {
  const found = (text: string) => {
    const words = [...new Set(wordsOf(text))];
    return new Set(topic.filter((each) => words.some((word) => isAlike(each, word))));
  };
  const sentences = sentencesOf(passage.excerpt).map((text) => ({ text, words: found(text) }));
  const above = found(`${passage.title} ${passage.heading ?? ""}`);
  const all = new Set([...above, ...sentences.flatMap(({ words }) => [...words])]);
  return { passage, sentences, above, all };
}

/** A word that few sentences have tells more. */
function weightsOf(topic: readonly string[], read: readonly ReadPassage[]): Map<string, number> {
  const sentences = read.flatMap((each) => each.sentences);
  return new Map(
    topic.map((word) => {
      const count = sentences.filter(({ words }) => words.has(word)).length;
      return [word, Math.log(1 + sentences.length / (count + 1))];
    }),
  );
}

function bestRun(
  { passage, sentences, above }: ReadPassage,
  weights: Map<string, number>,
): { quote: Quote; score: number } {
  const sum = (words: Set<string>) => [...words].reduce((total, word) => total + (weights.get(word) ?? 0), 0);
  const scores = sentences.map(({ words }) => sum(words));
  let start = 0;
  let score = -1;
  for (let first = 0; first < scores.length; first++) {
    // The first sentence counts most: an answer begins where the words are, and what follows explains.
    const own = scores[first] ?? 0;
    const next = scores.slice(first + 1, first + LONGEST_QUOTE_SENTENCES);
    const run = own + next.reduce((total, each) => total + each, 0) / LONGEST_QUOTE_SENTENCES;
    if (run > score) [start, score] = [first, run];
  }
  const quoted = sentences.slice(start, start + LONGEST_QUOTE_SENTENCES).map(({ text }) => text);
  return { quote: { passage, sentences: quoted }, score: score + HEADING_SHARE * sum(above) };
}

/** Lines that stand alone, such as a list's or a table's, are sentences too. */
export function sentencesOf(text: string): string[] {
  return readTables(text)
    .split(/\n{2,}|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])/)
    .flatMap((paragraph) => paragraph.replace(/\s+/g, " ").split(/(?<=[.!?][")”’]?) (?=[\p{Lu}\p{N}"“‘(])/u))
    .map((sentence) => sentence.replace(/^(?:[-*+]|\d+[.)]) /, "").trim())
    .filter((sentence) => sentence !== "");
}

/** The answer in Markdown: what the documents say, in their words, and which document says it. */
export function extractiveAnswer(question: string, passages: readonly Passage[]): string {
  const quotes = extractQuotes(question, passages);
  if (quotes.length === 0) return NOTHING_FOUND;
  return quotes
    .map(({ passage: { title, heading }, sentences }, index) => {
      const place = `**${plain(title)}**${heading === null ? "" : `, “${plain(heading)}”`}`;
      const opening = index === 0 ? `${place} says:` : `See also ${place}:`;
      return `${opening}\n\n> ${sentences.join(" ")}`;
    })
    .join("\n\n");
}

export const NOTHING_FOUND =
  "I found nothing about that in the documents of your development. Other words may help; otherwise please ask your developer’s customer care.";

/** Without what Markdown would take for emphasis. */
function plain(text: string): string {
  return text.replace(/[*_`[\]]/g, "\\$&");
}
