import { db } from "@openhouse/db/client";
import {
  type Allowance,
  admit,
  countInTurn,
  isKnownToBeOver,
  type Limited,
  type Verdict,
} from "./attempts.ts";
import { securityLog } from "./security-log.ts";
import { setting } from "./settings.ts";

const DAY_SECONDS = 24 * 3600;

/** What somebody who is signed in may do, how often, and the variable that says so. */
const QUOTAS = {
  /** Each question is a call of a model, which may cost money: a homeowner's, and a company's. */
  questions_a_minute: { variable: "CHAT_QUESTIONS_A_MINUTE", usual: 10, windowSeconds: 60 },
  questions_a_day: { variable: "CHAT_QUESTIONS_A_DAY", usual: 200, windowSeconds: DAY_SECONDS },
  company_questions_a_day: {
    variable: "CHAT_COMPANY_QUESTIONS_A_DAY",
    usual: 5_000,
    windowSeconds: DAY_SECONDS,
  },
  searches_a_minute: { variable: "SEARCHES_A_MINUTE", usual: 60, windowSeconds: 60 },
  company_searches_a_day: {
    variable: "COMPANY_SEARCHES_A_DAY",
    usual: 20_000,
    windowSeconds: DAY_SECONDS,
  },
  company_uploads_a_day: { variable: "COMPANY_UPLOADS_A_DAY", usual: 500, windowSeconds: DAY_SECONDS },
  /** Mails with a code: a member of staff's, and a company's, whose sender others come to mistrust. */
  code_mails_an_hour: { variable: "CODE_MAILS_AN_HOUR", usual: 1_000, windowSeconds: 3600 },
  company_code_mails_a_day: {
    variable: "COMPANY_CODE_MAILS_A_DAY",
    usual: 2_000,
    windowSeconds: DAY_SECONDS,
  },
} as const;

export type QuotaName = keyof typeof QUOTAS;

/** Who spends: a company's quota is counted for the company, every other for the person. */
export interface Spender {
  readonly tenantId: string;
  /** Of a homeowner or of a member of staff. */
  readonly subjectId: string;
}

export interface UsedUp {
  readonly quota: QuotaName;
  readonly most: number;
  readonly retryAfterSeconds: number;
}

const LARGEST = 1_000_000;

/** What is wrong with the quotas' settings; empty where nothing is. */
export function quotaFaults(read: (name: string) => string | undefined = setting): readonly string[] {
  return Object.values(QUOTAS).flatMap(({ variable }) => {
    const text = read(variable)?.trim();
    if (!text || isCount(text)) return [];
    return [`${variable} must be a whole number from 1 to ${LARGEST}, got "${text}"`];
  });
}

/**
 * Counts one use against each of the quotas, in order, and says which one is used up. Those behind it are not counted: who is
 * over their own uses up nothing of the company's. One round trip, unless this process knows of one that it is used up.
 *
 * @returns null where it may go on.
 * @throws errors of the database.
 */
export async function spend(spender: Spender, ...quotas: readonly QuotaName[]): Promise<UsedUp | null> {
  const left = quotas.map((quota) => ({ quota, allowance: allowanceOf(quota), who: whoOf(quota, spender) }));
  while (left.length > 0) {
    // Together with those behind it that nothing is known of: whether another one is looked at is decided when its turn comes.
    const next = left.findIndex(({ allowance, who }, index) => index > 0 && isKnownToBeOver(allowance, who));
    const together = left.splice(0, next === -1 ? left.length : next);
    for (const [index, verdict] of (await verdictsOf(together)).entries()) {
      const spent = together[index];
      if (verdict.limited && spent !== undefined) return usedUp(spender, spent, verdict);
    }
  }
  return null;
}

interface Spent {
  readonly quota: QuotaName;
  readonly allowance: Allowance;
  readonly who: string;
}

const whoOf = (quota: QuotaName, { tenantId, subjectId }: Spender) =>
  quota.startsWith("company") ? tenantId : `${tenantId}/${subjectId}`;

/** Those of the quotas in order, up to the first that is used up; `admit` has something to say to the first alone. */
async function verdictsOf(together: readonly Spent[]): Promise<readonly Verdict[]> {
  const [first] = together;
  if (first === undefined) return [];
  const known = await admit(first.allowance, first.who);
  return known.limited ? [known] : await countInTurn(together, db);
}

function usedUp(
  { tenantId, subjectId }: Spender,
  { quota, allowance }: Spent,
  { isNews, retryAfterSeconds }: Limited,
): UsedUp {
  if (isNews) securityLog("auth.limited", { tenant: tenantId, subject: subjectId, reason: quota });
  return { quota, most: allowance.attempts, retryAfterSeconds };
}

function allowanceOf(quota: QuotaName): Allowance {
  const { variable, usual, windowSeconds } = QUOTAS[quota];
  const text = setting(variable)?.trim() ?? "";
  return { name: quota, attempts: isCount(text) ? Number(text) : usual, windowSeconds };
}

const isCount = (text: string) => /^\d{1,7}$/.test(text) && Number(text) >= 1 && Number(text) <= LARGEST;
