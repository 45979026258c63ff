/** What a caller was told of a write. */
export type Told = "done" | "not done" | "unknown";

/**
 * Holds a write against what the database has of it: what was told done is there, whole and once; what was told not done is
 * not; of what nobody knows either may be.
 *
 * @returns what is wrong; undefined where it is right.
 */
export function faultOf(
  told: Told,
  rows: number,
  found: number,
): "lost" | "doubled" | "halved" | "kept" | undefined {
  if (found > rows) return "doubled";
  if (found > 0 && found < rows) return "halved";
  if (found === 0) return told === "done" ? "lost" : undefined;
  return told === "not done" ? "kept" : undefined;
}
