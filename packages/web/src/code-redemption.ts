import { db, forTenant } from "@openhouse/db/client";
import { findTenantByOnboardingCode } from "@openhouse/db/queries/directory";
import { findOnboardingCode, redeemOnboardingCode } from "@openhouse/db/queries/onboarding-codes";
import { type Allowance, countAttempt, forgiveAttempt } from "./attempts.ts";
import { type NewSession, writeSession } from "./session.ts";

const PER_ADDRESS: Allowance = { name: "onboarding-address", attempts: 30, windowSeconds: 15 * 60 };

/** What a code's landing page shows before anything is redeemed; null for an unknown code. */
export type CodePreview = Awaited<ReturnType<typeof findOnboardingCode>>;

export type RedemptionOutcome =
  | { outcome: "welcome"; session: NewSession }
  | { outcome: "unknown" | "expired" | "used" | "revoked" | "limited" };

/**
 * Looks a code up and changes nothing, so that a link's preview cannot burn it.
 *
 * @param code as in the address, or as somebody typed it: letter case and separators do not matter.
 */
export async function previewCode(code: string): Promise<CodePreview> {
  const tenantId = await findTenantByOnboardingCode(db, code);
  return tenantId === null ? null : findOnboardingCode(forTenant(tenantId), code);
}

/**
 * Redeems a code and writes the homeowner's session, in one transaction: a code is never used up with nobody
 * let in. Codes that do not exist are counted, 30 an address in 15 minutes.
 *
 * @param address the client's, of `clientAddress()`.
 * @throws errors of the database, those of counting too.
 */
export async function redeemForSession(code: string, address: string): Promise<RedemptionOutcome> {
  if ((await countAttempt(PER_ADDRESS, address)).limited) return { outcome: "limited" };
  const tenantId = await findTenantByOnboardingCode(db, code);
  if (tenantId === null) return { outcome: "unknown" };
  const result = await forTenant(tenantId).transaction(async (tx): Promise<RedemptionOutcome> => {
    const redeemed = await redeemOnboardingCode(tx, code);
    if (redeemed.outcome !== "redeemed") return { outcome: redeemed.outcome };
    const subject = { tenantId, homeownerId: redeemed.homeownerId };
    return { outcome: "welcome", session: await writeSession(tx, "tenant", subject) };
  });
  await forgiveAttempt(PER_ADDRESS, address); // a code that exists was not guessed
  return result;
}
