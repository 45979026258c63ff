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
    why: "a COMMIT whose cancellation is confirmed, or refused in German, is told as in doubt",
  },
  { rule: "unknown, though never sent", why: "a COMMIT that was never sent is told as in doubt" },
  { rule: "read in doubt", why: "only reads that begin with a few words are known as such" },
  { rule: "doubled write", why: "withRetry runs work again of which a part was kept" },
  { rule: "out of order", why: "a stale statement is run again behind what was queued after it" },
  {
    rule: "destroyed for nothing",
    why: "errors of a server that does not speak English, and a release before ReadyForQuery",
  },
  { rule: "fails for nothing", why: "a COMMIT that a server refuses in German" },
  { rule: "beside a free connection", why: "idle connections wait while another one is tested" },
  { rule: "beside room", why: "an attempt to connect that hangs counts as supply" },
  { rule: "blocked loop", why: "waiters time out before the answers are read" },
  { rule: "figures", why: "a connection that is closed while it is reset counts as idle" },
  { rule: "timers", why: "a hook that hangs while a session is reset outlives the pool" },
  { rule: "wrong word", why: "a hook's statement that exceeds its deadline is told to whoever waits" },
];

/** What is found beside what is known. */
export function newViolations<T extends Violation>(violations: readonly T[]): T[] {
  return violations.filter(({ rule }) => !KNOWN_FAULTS.some((known) => known.rule === rule));
}
