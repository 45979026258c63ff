import { createHmac } from "node:crypto";
import { authSecret } from "@openhouse/db/auth-secret";
import { db } from "@openhouse/db/client";
import * as attempts from "@openhouse/db/queries/attempts";

/** How many attempts are allowed in which time. */
export interface Allowance {
  /** Part of the stored key; names the thing that is counted. */
  readonly name: string;
  readonly attempts: number;
  readonly windowSeconds: number;
}

/** Whether an attempt may go on. */
export type Verdict = { limited: false } | { limited: true; retryAfterSeconds: number };

/**
 * Counts one attempt of `who` and says whether it is within the allowance. Of attempts that arrive together, each is
 * counted before it is answered.
 *
 * @throws errors of the database: an allowance that cannot be counted is not an open door.
 */
export async function countAttempt(allowance: Allowance, who: string): Promise<Verdict> {
  const { count, msLeft } = await attempts.countAttempt(db, keyOf(allowance, who), allowance.windowSeconds);
  if (count <= allowance.attempts) return { limited: false };
  return { limited: true, retryAfterSeconds: Math.max(1, Math.ceil(msLeft / 1000)) };
}

/** Takes one counted attempt back. */
export async function forgiveAttempt(allowance: Allowance, who: string): Promise<void> {
  await attempts.forgiveAttempt(db, keyOf(allowance, who));
}

/** Forgets every attempt of `who`. */
export async function forgetAttempts(allowance: Allowance, who: string): Promise<void> {
  await attempts.forgetAttempts(db, keyOf(allowance, who));
}

/** Keyed, because a plain hash of an address or of an e-mail is undone by trying them all. */
function keyOf({ name }: Allowance, who: string): string {
  return `${name}:${createHmac("sha256", authSecret()).update(who).digest("hex")}`;
}
