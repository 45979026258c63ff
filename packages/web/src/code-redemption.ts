import { dbForStrangers, forTenantAsStranger } from "@openhouse/db/client";
import { findTenantByOnboardingCode } from "@openhouse/db/queries/directory";
import {
  findOnboardingCode,
  type Redemption,
  redeemOnboardingCode,
} from "@openhouse/db/queries/onboarding-codes";
import type { Device } from "@openhouse/db/queries/sessions";
import { GUESSES } from "./allowances.ts";
import { admit, type Verdict } from "./attempts.ts";
import { countGuess } from "./guesses.ts";
import { securityLog } from "./security-log.ts";
import { type NewSession, sessionExpiry, signSession } from "./session.ts";

/**
 * A tenant that does not exist. An unknown code is looked for with it, statement by statement as a known one with its
 * own, so that an answer's time does not tell whether there is such a code.
 */
const NOBODY = "00000000-0000-0000-0000-000000000000";
/** What is looked for there: what somebody made up may be a megabyte, or nothing that Postgres takes for a text. */
const NO_CODE = "0".repeat(20);

const NO_GUESS: Verdict = { limited: false };

/** What a code's landing page shows before anything is redeemed; null for an unknown code. */
export type CodePreview = Awaited<ReturnType<typeof findOnboardingCode>> | { state: "limited" };

export type RedemptionOutcome =
  | { outcome: "welcome"; session: NewSession }
  | { outcome: "limited"; retryAfterSeconds: number }
  | { outcome: Exclude<Redemption["outcome"], "redeemed"> };

/** Why a code opened nothing. */
export type CodeRefusal = Exclude<RedemptionOutcome["outcome"], "welcome">;

/**
 * Looks a code up and changes nothing, so that a link's preview cannot burn it. A code that does not exist is counted
 * as `redeemForSession` counts it.
 *
 * @param code as in the address, or as somebody typed it: letter case and separators do not matter.
 * @param address the client's, of `clientAddress()`.
 */
export async function previewCode(code: string, address: string): Promise<CodePreview> {
  if ((await admit(GUESSES, address)).limited) return { state: "limited" };
  const tenantId = await findTenantByOnboardingCode(dbForStrangers, code);
  const isKnown = tenantId !== null;
  const [preview, verdict] = await Promise.all([
    findOnboardingCode(forTenantAsStranger(tenantId ?? NOBODY), isKnown ? code : NO_CODE),
    isKnown ? NO_GUESS : countGuess(address),
  ]);
  return verdict.limited ? { state: "limited" } : preview;
}

/**
 * Redeems a code and writes the homeowner's session, in one statement: a code is never used up with nobody let in.
 *
 * Codes that do not exist are counted, 30 an address in 15 minutes, and refused from then on. One that exists is not counted,
 * because a whole building may scan its codes behind one address. Once that is over its guesses, one code in two seconds is
 * still looked for, and five at first; every other is refused before the first statement.
 *
 * @param address the client's, of `clientAddress()`.
 * @throws errors of the database, those of counting too.
 */
export async function redeemForSession(
  code: string,
  address: string,
  device?: Device,
): Promise<RedemptionOutcome> {
  const known = await admit(GUESSES, address);
  if (known.limited) return { outcome: "limited", retryAfterSeconds: known.retryAfterSeconds };
  const tenantId = await findTenantByOnboardingCode(dbForStrangers, code);
  const isKnown = tenantId !== null;
  const sessionExpiresAt = sessionExpiry("tenant");
  const [redeemed, verdict] = await Promise.all([
    redeemOnboardingCode(forTenantAsStranger(tenantId ?? NOBODY), isKnown ? code : NO_CODE, {
      sessionExpiresAt,
      device,
    }),
    // Beside the other one, and with a commit of its own as a redemption has: an unknown code waits no longer than a good one.
    isKnown ? NO_GUESS : countGuess(address),
  ]);
  if (verdict.limited) return { outcome: "limited", retryAfterSeconds: verdict.retryAfterSeconds };
  if (tenantId === null || redeemed.outcome !== "redeemed") {
    return { outcome: redeemed.outcome === "redeemed" ? "unknown" : redeemed.outcome };
  }
  const { homeownerId, sessionId } = redeemed;
  securityLog("code.redeemed", { portal: "tenant", tenant: tenantId, subject: homeownerId, address });
  const session = { id: sessionId, expiresAt: sessionExpiresAt };
  return { outcome: "welcome", session: await signSession("tenant", { tenantId, homeownerId }, session) };
}
