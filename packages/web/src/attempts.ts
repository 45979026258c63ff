import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { keyFor } from "@openhouse/db/auth-secret";
import { type Database, dbForStrangers } from "@openhouse/db/client";
import * as attempts from "@openhouse/db/queries/attempts";
import { type Looks, refusals } from "./refusals.ts";

/** How many attempts are allowed in which time. */
export interface Allowance {
  /** Part of the stored key; names the thing that is counted. */
  readonly name: string;
  readonly attempts: number;
  readonly windowSeconds: number;
  /** What is looked for all the same once they are used up. @default one a second */
  readonly looks?: Looks;
}

/** Whether an attempt may go on. */
export type Verdict = { limited: false } | Limited;

export interface Limited {
  readonly limited: true;
  readonly retryAfterSeconds: number;
  /** This process hears of it for the first time in this window: worth a line in the log, where the next thousand are not. */
  readonly isNews: boolean;
}

/** Who tries on and on waits for each answer, and so tries less often. */
const REFUSAL_MS = 250;
const ONE_A_SECOND: Looks = { burst: 1, everyMs: 1_000 };

/**
 * Counts one attempt of `who` and says whether it is within the allowance. Of attempts that arrive together, each is
 * counted before it is answered. Asks the database in any case: `admit` comes before.
 *
 * @param db `db` for who is signed in. @default the strangers' share of the pool
 * @throws errors of the database: an allowance that cannot be counted is not an open door.
 */
export async function countAttempt(
  allowance: Allowance,
  who: string,
  db: Database = dbForStrangers,
): Promise<Verdict> {
  const key = keyOf(allowance, who);
  return judge(allowance, key, await attempts.countAttempt(db, key, allowance.windowSeconds));
}

/**
 * `countAttempt` of several allowances in turn, up to the first that is used up, in one round trip.
 *
 * @returns the verdicts of those that were counted.
 */
export async function countInTurn(
  counted: readonly { readonly allowance: Allowance; readonly who: string }[],
  db: Database,
): Promise<Verdict[]> {
  const counters = counted.map(({ allowance, who }) => ({
    key: keyOf(allowance, who),
    windowSeconds: allowance.windowSeconds,
    most: allowance.attempts,
  }));
  const counts = await attempts.countUntilOver(db, counters);
  return counts.flatMap((count, index) => {
    const [allowance, key] = [counted[index]?.allowance, counters[index]?.key];
    return allowance === undefined || key === undefined ? [] : [judge(allowance, key, count)];
  });
}

function judge(allowance: Allowance, key: string, { count, msLeft }: attempts.Attempts): Verdict {
  if (count > allowance.attempts)
    return limitedFor(msLeft, refusals.remember(key, msLeft, allowance.looks ?? ONE_A_SECOND));
  refusals.forget(key);
  return { limited: false };
}

/** Counts one attempt of what has no bound, and answers how many there were in this window. */
export async function countOnly(
  counted: Pick<Allowance, "name" | "windowSeconds">,
  who: string,
): Promise<number> {
  return (await attempts.countAttempt(dbForStrangers, keyOf(counted, who), counted.windowSeconds)).count;
}

/**
 * Whether this attempt of `who` may be looked at. Refuses who is known to be over the allowance, but for a few looks, which
 * it takes one of. No statement, and the refusal takes its time: what is refused here costs nothing.
 */
export async function admit(allowance: Allowance, who: string): Promise<Verdict> {
  const leftMs = refusals.admit(keyOf(allowance, who));
  if (leftMs === 0) return { limited: false };
  await sleep(REFUSAL_MS);
  return limitedFor(leftMs, false);
}

/** Whether this process has heard that `who` is over the allowance: `admit` has something to decide. */
export function isKnownToBeOver(allowance: Allowance, who: string): boolean {
  return refusals.knows(keyOf(allowance, who));
}

/** How long `admit` would refuse, in seconds; 0 where it would not. Takes no look. */
export function refusedForSeconds(allowance: Allowance, who: string): number {
  return Math.ceil(refusals.msLeft(keyOf(allowance, who)) / 1000);
}

/** Takes one counted attempt back. */
export async function forgiveAttempt(allowance: Pick<Allowance, "name">, who: string): Promise<void> {
  await attempts.forgiveAttempt(dbForStrangers, keyOf(allowance, who));
}

/** Forgets every attempt of `who`. */
export async function forgetAttempts(allowance: Allowance, who: string): Promise<void> {
  const key = keyOf(allowance, who);
  refusals.forget(key);
  await attempts.forgetAttempts(dbForStrangers, key);
}

const limitedFor = (leftMs: number, isNews: boolean): Limited => ({
  limited: true,
  retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)),
  isNews,
});

/** Keyed, because a plain hash of an address or of an e-mail is undone by trying them all. */
function keyOf({ name }: Pick<Allowance, "name">, who: string): string {
  return `${name}:${createHmac("sha256", keyFor("counted attempts")).update(who).digest("hex")}`;
}
