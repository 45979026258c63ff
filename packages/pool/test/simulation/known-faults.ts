import type { Violation } from "./witness.ts";

/** A rule that the pool does not keep yet, and why. */
export interface KnownFault {
  readonly rule: string;
  readonly why: string;
}

/** What is still to be mended. A life in which nothing else is found counts as good; whoever mends one takes it off. */
export const KNOWN_FAULTS: readonly KnownFault[] = [];

/** What is found beside what is known. */
export function newViolations<T extends Violation>(violations: readonly T[]): T[] {
  return violations.filter(({ rule }) => !KNOWN_FAULTS.some((known) => known.rule === rule));
}
