import { live } from "./life.ts";
import { planOf } from "./plan.ts";
import type { Violation } from "./witness.ts";

/** How many violations of one rule are kept with their words. */
const MOST_FINDS = 20;

export interface Find extends Violation {
  readonly seed: number;
}

/** What so many lives have come to. */
export interface Tally {
  lives: number;
  operations: number;
  virtualMs: number;
  /** How often each fault has struck. */
  faults: Record<string, number>;
  /** In how many lives each rule was broken. */
  rules: Record<string, number>;
  finds: Find[];
}

/** Lives `count` lives, from the seed on. */
export async function tally(seed: number, count: number): Promise<Tally> {
  const sum: Tally = { lives: 0, operations: 0, virtualMs: 0, faults: {}, rules: {}, finds: [] };
  for (let next = seed; next < seed + count; next++) {
    const { violations, operations, faults, virtualMs } = await live(planOf(next));
    sum.lives++;
    sum.operations += operations;
    sum.virtualMs += virtualMs;
    for (const fault of faults) sum.faults[fault] = (sum.faults[fault] ?? 0) + 1;
    const byRule = new Map(violations.map((violation) => [violation.rule, violation]));
    for (const [rule, violation] of byRule) {
      const lives = (sum.rules[rule] ?? 0) + 1;
      sum.rules[rule] = lives;
      if (lives <= MOST_FINDS) sum.finds.push({ seed: next, ...violation });
    }
  }
  return sum;
}
