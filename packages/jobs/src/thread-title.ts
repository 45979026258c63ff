import { withoutUnseen } from "@openhouse/db/names";

/** So much fits a line of the list of threads. */
const MAX_CHARACTERS = 60;
const MAX_TELLING_WORDS = 7;

/** Words that most questions have: they open and close a question without saying what it is about. */
const COMMON = new Set(
  `a about after again all also am an and any anyone are as at be because been before being but by can cannot could did
  do does doing don't else ever find for from get give go good got had has have hello hey hi how i i'd i'm i've if in
  into is isn't it it's its just kindly know let like may me might mine much must my need no not of off ok okay on once
  one or our ours out over please possible question say see shall she he should so some somebody someone something
  tell thank thanks that that's the their them then there these they thing this those to too up us use very want was we
  well were what what's when where where's which who who's whom whose why will with wondering would yes you your yours
  afternoon evening morning help explain understand looking long often many called exactly actually`.split(
    /\s+/,
  ),
);

/**
 * A title out of what somebody asked: the stretch of the first question from its first telling word to its last. Where no
 * question has a word that tells anything, the beginning of the first one; null where there is none.
 */
export function threadTitle(questions: readonly string[]): string | null {
  for (const question of questions) {
    for (const sentence of question.split(/(?<=[.?!])\s+|\n+/)) {
      const title = stretchOf(withoutUnseen(sentence.replace(/\s+/g, " ")));
      if (title !== null) return title;
    }
  }
  const [first] = questions;
  return first === undefined ? null : cut(withoutUnseen(first.replace(/\s+/g, " ")).trim());
}

function stretchOf(sentence: string): string | null {
  const words = sentence.trim().split(/\s+/);
  const telling: number[] = [];
  for (const [index, word] of words.entries()) if (isTelling(word)) telling.push(index);
  const [first] = telling;
  if (first === undefined) return null;
  let title = "";
  for (const last of telling.slice(0, MAX_TELLING_WORDS)) {
    const longer = words.slice(first, last + 1).join(" ");
    if (longer.length > MAX_CHARACTERS && title !== "") break;
    title = longer;
  }
  return capitalise(trimPunctuation(cut(title)));
}

function isTelling(word: string): boolean {
  const bare = trimPunctuation(word).toLowerCase().replaceAll("’", "'");
  return /[\p{L}\p{N}]/u.test(bare) && !COMMON.has(bare);
}

function trimPunctuation(text: string): string {
  return text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N})]+$/gu, "");
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_CHARACTERS ? text : `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…`;
}

function capitalise(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("");
}
