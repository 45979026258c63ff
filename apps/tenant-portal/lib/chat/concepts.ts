import { SYNONYMS } from "./synonyms.ts";
import { isAlike, topicWords, wordsOf } from "./words.ts";

/** One thing that a question is about. */
export interface Concept {
  /** As it was asked. */
  word: string;
  /** Single words and phrases that say it, the asked one first. */
  said: readonly string[];
}

/** A question in two parts: what is asked now, and what was asked before where that is needed to understand it. */
export interface Topic {
  own: Concept[];
  context: Concept[];
}

/** Reads a query of {@link followUpQuery}, or any other. */
export function topicOf(query: string): Topic {
  const { own, before } = partsOf(query);
  const asked = conceptsOf(own);
  const known = new Set(asked.map(({ said }) => said.join()));
  return { own: asked, context: conceptsOf(before).filter(({ said }) => !known.has(said.join())) };
}

/** What is asked now, without what was asked before. */
export const partsOf = (query: string): { own: string; before: string } => {
  const [, own = query, before = ""] = /^(.+?) \[(.+)\]$/.exec(query) ?? [];
  return { own, before };
};

const POINTS_BACK =
  /^(?:and|but|or|also|then|what about|how about|et|und|y)\b|\b(?:it|that|they|them|there|this|those|these)\b/i;

/** Whether a question may be understood only with the one before it. */
export const isFollowUp = (question: string): boolean =>
  POINTS_BACK.test(question.trim()) || conceptsOf(question).length < 2;

/** A question, together with the one before it where it is understood only so. */
export function followUpQuery(question: string, before: string | undefined): string {
  return before !== undefined && isFollowUp(question) ? `${question} [${before.slice(0, 90)}]` : question;
}

/** What a text asks about, each thing once. */
export function conceptsOf(text: string): Concept[] {
  let words = wordsOf(text);
  const concepts = new Map<string, Concept>();
  const add = (word: string, said: readonly string[]) => {
    const key = said.join();
    if (!concepts.has(key)) concepts.set(key, { word, said });
  };
  for (const phrase of SYNONYMS.phrases) {
    const at = words.findIndex((_, start) => phrase.words.every((word, n) => words[start + n] === word));
    if (at === -1) continue;
    add(phrase.words.join(" "), phrase.group);
    words = [...words.slice(0, at), ...words.slice(at + phrase.words.length)];
  }
  for (const word of topicWords(words.join(" "))) add(word, SYNONYMS.words.get(word) ?? [word]);
  return [...concepts.values()];
}

/** A query with all that says the same, for a search that knows words and no meanings. */
export function withSynonyms(query: string): string {
  const { own, context } = topicOf(query);
  return [...own, ...context].flatMap(({ word, said }) => [word, ...said]).join(" ");
}

/** Whether a text, given as its words, says it. */
export function says(words: readonly string[], { word, said }: Concept): boolean {
  return said.some((each) => {
    const parts = each.split(" ");
    if (parts.length > 1)
      return words.some((_, start) => parts.every((part, n) => words[start + n] === part));
    return words.some(
      (found) => found === each || ((each === word || each.length > 3) && isAlike(each, found)),
    );
  });
}
