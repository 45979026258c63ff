import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { type CodeMailState, homeowners, onboardingCodes } from "../schema/index.ts";
import { type OnboardingCodeState, onboardingCodeState } from "./onboarding-codes.ts";

/**
 * What became of a code's latest mail. One that is under way for longer than any server is waited for may have been sent: whoever
 * was sending it is gone.
 */
export const codeMailState: SQL<CodeMailState | null> = sql`case
  when ${onboardingCodes.mailState} = 'sending' and ${onboardingCodes.mailAt} < now() - interval '5 minutes' then 'uncertain'
  else ${onboardingCodes.mailState} end`;

/** The order of a homeowner's codes: what was issued last counts. */
export const LATEST_FIRST = [desc(onboardingCodes.createdAt), desc(onboardingCodes.id)];

const ofHomeowner = and(
  eq(onboardingCodes.tenantId, homeowners.tenantId),
  eq(onboardingCodes.homeownerId, homeowners.id),
);

/** The newest code of each homeowner of a query, to be joined laterally. */
export function newestCode(db: Database) {
  return db
    .select({
      id: onboardingCodes.id,
      code: onboardingCodes.code,
      state: onboardingCodeState.as("state"),
      expiresAt: onboardingCodes.expiresAt,
      mails: onboardingCodes.mails,
      mailClaims: onboardingCodes.mailClaims,
      mail: codeMailState.as("mail"),
      mailAt: onboardingCodes.mailAt,
    })
    .from(onboardingCodes)
    .where(ofHomeowner)
    .orderBy(...LATEST_FIRST)
    .limit(1)
    .as("newest");
}

/** Its state alone, for a condition; null where there is none. */
export const newestCodeState: SQL<OnboardingCodeState | null> = sql`(
  select ${onboardingCodeState} from ${onboardingCodes} where ${ofHomeowner}
   order by ${sql.join(LATEST_FIRST, sql`, `)} limit 1)`;
