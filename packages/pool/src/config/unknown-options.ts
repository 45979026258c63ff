/**
 * A misspelt option is not a fault, as a caller may keep something of their own among them, but it would be missed for long.
 *
 * @param known has every option that has an effect.
 * @returns a warning for each other one.
 */
export function unknownOptions(options: object, known: object): string[] {
  return Object.keys(options)
    .filter((name) => !Object.hasOwn(known, name))
    .map((name) => {
      const meant = closest(name, Object.keys(known));
      return `${name} is not an option of the pool's and has no effect${meant === undefined ? "" : `; did you mean ${meant}?`}`;
    });
}

function closest(name: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((known) => ({ known, edits: editsBetween(name.toLowerCase(), known.toLowerCase()) }))
    .sort((one, other) => one.edits - other.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(2, name.length / 3) ? best.known : undefined;
}

/** How many characters to insert, delete or replace (Levenshtein's distance). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, character] of [...one].entries()) {
    const next = [line + 1];
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (character === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
