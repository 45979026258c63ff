import type { Violation } from "./witness.ts";

/** A rule that the pool does not keep yet, and why. */
export interface KnownFault {
  readonly rule: string;
  readonly why: string;
}

/** What is still to be mended. A life in which nothing else is found counts as good; whoever mends one takes it off. */
export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    rule: "unknown, though answered",
    why: "mended: to be taken off when 20,000 lives have been lived without it",
  },
  {
    rule: "unknown, though never sent",
    why: "mended: to be taken off when 20,000 lives have been lived without it",
  },
  { rule: "read in doubt", why: "mended: to be taken off when 20,000 lives have been lived without it" },
  { rule: "doubled write", why: "withRetry runs work again of which a part was kept" },
  { rule: "out of order", why: "a stale statement is run again behind what was queued after it" },
  {
    rule: "destroyed for nothing",
    why: "mended: to be taken off when 20,000 lives have been lived without it",
  },
  { rule: "fails for nothing", why: "mended: to be taken off when 20,000 lives have been lived without it" },
  { rule: "beside a free connection", why: "idle connections wait while another one is tested" },
  { rule: "beside room", why: "an attempt to connect that hangs counts as supply" },
  { rule: "blocked loop", why: "mended: to be taken off when 20,000 lives have been lived without it" },
  { rule: "figures", why: "mended: to be taken off when 20,000 lives have been lived without it" },
  { rule: "timers", why: "mended: to be taken off when 20,000 lives have been lived without it" },
  { rule: "wrong word", why: "mended: to be taken off when 20,000 lives have been lived without it" },
];

/** What is found beside what is known. */
export function newViolations<T extends Violation>(violations: readonly T[]): T[] {
  return violations.filter(({ rule }) => !KNOWN_FAULTS.some((known) => known.rule === rule));
}
