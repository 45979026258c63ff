/** What a query's words may mean besides, and what they were found to mean. */

/** Words that say the same as one; none where there are none. */
export type SameMeaning = (word: string) => readonly string[];

/** Enough for any word that people join; each place to part it is one more word to look for. */
const LONGEST_COMPOUND = 20;

/** The ways to write one word as two with a hyphen: "wifi" is "wi-fi" in most documents. */
export function hyphenated(word: string): string[] {
  if (!/^\p{L}+$/u.test(word) || word.length > LONGEST_COMPOUND) return [];
  return Array.from({ length: Math.max(0, word.length - 2) }, (_, index) => index + 1).map(
    (at) => `${word.slice(0, at)}-${word.slice(at)}`,
  );
}

const COMPOUND = /\p{L}+(?:-\p{L}+)+/gu;

/** The hyphenated words of a query that hold one of `words`, each with its joined form: "e-bike" and "ebike". */
export function joined(query: string, words: ReadonlySet<string>): Map<string, string> {
  const compounds = query.toLowerCase().match(COMPOUND) ?? [];
  return new Map(
    compounds
      .filter((compound) => compound.split("-").some((part) => words.has(part)))
      .map((compound) => [compound, compound.replaceAll("-", "")]),
  );
}

/** The query with hyphenated words replaced, letter case aside. */
export function replaceCompounds(query: string, replacements: ReadonlyMap<string, string>): string {
  return query.replace(COMPOUND, (compound) => replacements.get(compound.toLowerCase()) ?? compound);
}
