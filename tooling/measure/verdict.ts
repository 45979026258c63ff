/** Something that a run promises, and what is said where it is not kept. */
export type Check = readonly [kept: boolean, complaint: string];

/** @returns why a run has failed; empty where it has not. */
export function complaintsOf(checks: readonly Check[]): string[] {
  return checks.filter(([kept]) => !kept).map(([, complaint]) => complaint);
}

/** That a list is empty; the complaint counts its entries and names the first. */
export function none(what: string, entries: readonly string[]): Check {
  return [entries.length === 0, `${entries.length} ${what}: ${entries.slice(0, 5).join("; ")}`];
}

/** Tells on screen whether a run has passed. @returns the exit code. */
export function tellVerdict(complaints: readonly string[]): number {
  console.log(complaints.length === 0 ? "\nPASSED" : ["\nFAILED", ...complaints].join("\n- "));
  return complaints.length === 0 ? 0 : 1;
}

/** A figure of the second quarter of a run beside that of the last: the first is left to warming up. */
export interface Flatness {
  readonly what: string;
  readonly second: number;
  readonly last: number;
  /** What the last may be, chance and the garbage collector's moods allowed for. */
  readonly limit: number;
}

/** @param share which of the sorted values counts: 0.5 is the median. */
export function flatness(
  what: string,
  values: readonly number[],
  limitOf: (second: number) => number,
  share = 0.5,
): Flatness {
  const quarter = (index: number) => {
    const part = values.slice(
      Math.floor((index * values.length) / 4),
      Math.floor(((index + 1) * values.length) / 4),
    );
    const sorted = part.toSorted((one, other) => one - other);
    return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  };
  const second = quarter(1);
  return { what, second, last: quarter(3), limit: limitOf(second) };
}

export function isFlat({ what, second, last, limit }: Flatness): Check {
  return [last <= limit, `${what} grew from ${second} in the second quarter to ${last} in the last`];
}
