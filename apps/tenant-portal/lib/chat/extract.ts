import type { Passage } from "./chat-message.ts";
import { type Concept, partsOf, says, topicOf } from "./concepts.ts";
import { answersKind } from "./hints.ts";
import { quotePlace } from "./quoted.ts";
import { readTables } from "./read-tables.ts";
import { wordsOf } from "./words.ts";

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
/** Of what a question is about, the share that a passage must say. What no passage says weighs most. */
const ENOUGH = 0.42;
/** A passage with that many of the question's words is about it, however long the question is. */
const ENOUGH_CONCEPTS = 3;
/** So many of them in one sentence, or there and above it, belong together there as they do in the question. */
const ENOUGH_TOGETHER = 2;
/** What was asked before says where to look, but not for what. */
const CONTEXT_SHARE = 0.5;
/** The part of a document above its first heading, or under its title, announces what the others say. */
const INTRODUCTION_SHARE = 0.7;
/** A day where it was asked when, a sum where it was asked how much. */
const KIND_WEIGHT = 1.2;

/** The passages that are about what was asked, best first. */
export function relevantPassages(query: string, passages: readonly Passage[]): Passage[] {
  return candidatesFor(query, passages).map(({ quote }) => quote.passage);
}

/** All passages, those that answer best first; the others in the order that they came in. */
export function rankPassages(query: string, passages: readonly Passage[]): Passage[] {
  const best = relevantPassages(query, passages);
  return [...best, ...passages.filter((passage) => !best.includes(passage))];
}

/**
 * Picks what answers best: up to three sentences in a row of the best passage, and of another document's where they are
 * nearly as good. Empty where no passage is relevant.
 */
export function extractQuotes(query: string, passages: readonly Passage[]): Quote[] {
  const candidates = candidatesFor(query, passages);
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
  sentences: { text: string; found: Set<Concept> }[];
  above: Set<Concept>;
  all: Set<Concept>;
}

interface Candidate {
  quote: Quote;
  score: number;
}

function candidatesFor(query: string, passages: readonly Passage[]): Candidate[] {
  const { own, context } = topicOf(query);
  const needed = own.length > 0 ? own : context;
  if (needed.length === 0) return [];
  const read = passages.map((passage) => readPassage(passage, [...own, ...context]));
  const weights = weightsOf([...own, ...context], read);
  const whole = sumOf(needed, weights);
  const said = (all: Set<Concept>) => needed.filter((concept) => all.has(concept));
  const most = Math.max(...read.map(({ all }) => said(all).length));
  const isKind = answersKind(partsOf(query).own);
  const rank = (concept: Concept) =>
    (weights.get(concept) ?? 0) * (own.includes(concept) ? 1 : CONTEXT_SHARE);
  return read
    .filter(({ all, above, sentences }) => {
      const found = said(all);
      const isTogether = sentences.some(
        (sentence) =>
          said(sentence.found).length > 0 &&
          said(new Set([...sentence.found, ...above])).length >= ENOUGH_TOGETHER,
      );
      const enough = isTogether || found.length >= ENOUGH_CONCEPTS || sumOf(found, weights) >= ENOUGH * whole;
      return enough && found.length > 0 && found.length > most / 2;
    })
    .map((each) => bestRun(each, rank, isKind))
    .sort((one, other) => other.score - one.score);
}

const sumOf = (concepts: Iterable<Concept>, weights: ReadonlyMap<Concept, number>): number =>
  [...concepts].reduce((total, concept) => total + (weights.get(concept) ?? 0), 0);

/** What of the topic is said where. */
function readPassage(passage: Passage, topic: readonly Concept[]): ReadPassage {
  const found = (text: string) => {
    const words = wordsOf(text);
    return new Set(topic.filter((concept) => says(words, concept)));
  };
  const sentences = sentencesOf(passage.excerpt).map((text) => ({ text, found: found(text) }));
  const above = found(`${passage.title} ${passage.heading ?? ""}`);
  const all = new Set([...above, ...sentences.flatMap((sentence) => [...sentence.found])]);
  return { passage, sentences, above, all };
}

/** What few passages say tells more. */
function weightsOf(topic: readonly Concept[], read: readonly ReadPassage[]): Map<Concept, number> {
  return new Map(
    topic.map((concept) => {
      const count = read.filter(({ all }) => all.has(concept)).length;
      return [concept, Math.log(2 + (read.length + 1) / (count + 1))];
    }),
  );
}

function bestRun(
  { passage, sentences, above }: ReadPassage,
  rank: (concept: Concept) => number,
  isKind: (sentence: string) => boolean,
): Candidate {
  const sum = (found: Set<Concept>) => [...found].reduce((total, concept) => total + rank(concept), 0);
  const scores = sentences.map(({ text, found }) => sum(found) + (isKind(text) ? KIND_WEIGHT : 0));
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
  const share = passage.heading === passage.title ? INTRODUCTION_SHARE : 1;
  return { quote: { passage, sentences: quoted }, score: share * (score + HEADING_SHARE * sum(above)) };
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
export function extractiveAnswer(query: string, passages: readonly Passage[]): string {
  const quotes = extractQuotes(query, passages);
  return quotes.length === 0 ? NOTHING_FOUND : sayQuotes(quotes);
}

/** @param first where nothing stands in front of them, they open the answer. */
export function sayQuotes(quotes: readonly Quote[], first = true): string {
  return quotes
    .map(({ passage: { title, heading }, sentences }, index) => {
      const place = quotePlace({ title, heading });
      const opening = first && index === 0 ? `${place} says:` : `See also ${place}:`;
      return `${opening}\n\n> ${sentences.join(" ")}`;
    })
    .join("\n\n");
}

export const NOTHING_FOUND =
  "I found nothing about that in the documents of your development. Other words may help; otherwise please ask your developer’s customer care.";
