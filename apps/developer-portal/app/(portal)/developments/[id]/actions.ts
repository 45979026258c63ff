"use server";

import { forTenant } from "@openhouse/db/client";
import { issueOnboardingCode, UnknownHomeownerError } from "@openhouse/db/queries/onboarding-codes";
import { calmAction } from "@openhouse/web/action";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";

const VALID_FOR_MS = 90 * 24 * 60 * 60 * 1000;

export interface IssueState {
  ok: boolean;
  error?: string;
}

const issue = calmAction("/developments/[id]: new code", async (homeownerId: string): Promise<IssueState> => {
  const { tenantId } = await requireRole(["developer"]);
  try {
    await issueOnboardingCode(forTenant(tenantId), { homeownerId, validForMs: VALID_FOR_MS });
  } catch (error) {
    if (!(error instanceof UnknownHomeownerError)) throw error;
    return { ok: false, error: "This homeowner is not there any more. Please load the page again." };
  }
  refresh();
  return { ok: true };
});

/** Issues a homeowner a code that is good for 90 days and revokes the one before. Role developer only. */
export async function issueCode(
  homeownerId: string,
  _previous: IssueState | null,
  _form: FormData,
): Promise<IssueState> {
  return issue(homeownerId);
}
