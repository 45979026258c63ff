import { setTimeout as sleep } from "node:timers/promises";
import { StatementTimeoutError } from "@openhouse/db/client";
import { cache } from "react";
import { databaseUnavailable } from "../database-unavailable.ts";
import { admitToPage, admitToRoute } from "../require-role.ts";
import {
  currentClaims,
  knownOperator,
  type Session,
  type SessionClaims,
  type StaffSession,
  sessionOfClaims,
} from "../session.ts";

const OPERATOR = ["operator"] as const;
/** What an operator whom this process knows waits for a database that is busy or away, and anybody else, in milliseconds. */
const PATIENCE_MS = { known: 300, unknown: 3_000 };

/**
 * Lets a page of figures go on for operators only, as `requireRole` does; and for one whom the database knew lately also while
 * it cannot be asked, which is what the figures are for.
 */
export async function requireOperator(): Promise<StaffSession> {
  return admitToPage(await currentOperator(), OPERATOR);
}

/**
 * `requireOperator` for route handlers.
 *
 * @throws {HttpError} as `requireRoleForRoute`.
 */
export async function requireOperatorForRoute(): Promise<StaffSession> {
  return admitToRoute(await currentOperator(), OPERATOR);
}

/** Whether whoever was let in by those claims still would be. Errors of the database pass through. */
export async function isStillOperator(claims: SessionClaims): Promise<boolean> {
  if (claims.expiresAt.getTime() <= Date.now()) return false;
  const session = await sessionOrKnown(claims);
  return session?.kind === "staff" && session.staff.isOperator;
}

/** Once a request, as layout and page both ask. */
const currentOperator = cache(async (): Promise<Session | null> => {
  const claims = await currentClaims("developer");
  return claims === null ? null : sessionOrKnown(claims);
});

async function sessionOrKnown(claims: SessionClaims): Promise<Session | null> {
  const patienceMs = knownOperator(claims) ? PATIENCE_MS.known : PATIENCE_MS.unknown;
  try {
    return await Promise.race([sessionOfClaims("developer", claims), tooLate(patienceMs)]);
  } catch (error) {
    const known = knownOperator(claims);
    if (known === undefined || databaseUnavailable(error) === null) throw error;
    return known;
  }
}

async function tooLate(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false });
  throw new StatementTimeoutError(ms, true);
}
