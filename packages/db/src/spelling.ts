/**
 * The word that was probably meant, of words that look alike, best first; null where none is near enough: one slip in
 * up to five letters, two in more. A slip is a letter too many, too few, wrong, or swapped with its neighbour. Another
 * first letter alone is another word (garden, warden), because nobody mistypes what they begin with.
 */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  const most = word.length <= 5 ? 1 : 2;
  let best: { candidate: string; slips: number } | null = null;
  for (const candidate of candidates) {
    if (candidate.slice(1) === word.slice(1)) continue;
    const found = slips(word, candidate);
    if (found <= most && found < (best?.slips ?? Number.POSITIVE_INFINITY))
      best = { candidate, slips: found };
  }
  return best?.candidate ?? null;
}

/** The query with words replaced, letter case aside; everything else in it stays. */
export function replaceWords(query: string, replacements: ReadonlyMap<string, string>): string {
  return query.replace(/\p{L}+/gu, (word) => replacements.get(word.toLowerCase()) ?? word);
}

/** The optimal string alignment distance of two words. */
export function slips(one: string, other: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[other.length] ?? 0;
}
