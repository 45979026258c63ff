"use server";

import { forTenant } from "@openhouse/db/client";
import {
  issueOnboardingCode,
  revokeOnboardingCodes,
  UnknownHomeownerError,
} from "@openhouse/db/queries/onboarding-codes";
import { guardAction } from "@openhouse/web/action";
import { requireRole } from "@openhouse/web/require-role";
import { refresh } from "next/cache";

const VALID_FOR_MS = 90 * 24 * 60 * 60 * 1000;

export interface CodeState {
  ok: boolean;
  /** What was done. */
  done?: string;
  error?: string;
}

const issue = guardAction("/developments/[id]: new code", async (homeownerId: string): Promise<CodeState> => {
  const { tenantId } = await requireRole(["developer"]);
  try {
    await issueOnboardingCode(forTenant(tenantId), { homeownerId, validForMs: VALID_FOR_MS });
  } catch (error) {
    if (!(error instanceof UnknownHomeownerError)) throw error;
    return { ok: false, error: "This homeowner is not there any more. Please load the page again." };
  }
  refresh();
  return { ok: true, done: "New code made." };
});

const revoke = guardAction(
  "/developments/[id]: withdraw code",
  async (homeownerId: string): Promise<CodeState> => {
    const { tenantId } = await requireRole(["developer"]);
    const revoked = await revokeOnboardingCodes(forTenant(tenantId), homeownerId);
    refresh();
    return revoked
      ? { ok: true, done: "Code withdrawn." }
      : { ok: false, error: "The code was used or withdrawn meanwhile." };
  },
);

/**
 * Issues a homeowner a code that is good for 90 days and revokes the one before; with `change` saying `withdraw`, revokes
 * it and issues none. Role developer only.
 */
export async function changeCode(_previous: CodeState | null, form: FormData): Promise<CodeState> {
  const homeownerId = String(form.get("homeowner") ?? "");
  return form.get("change") === "withdraw" ? revoke(homeownerId) : issue(homeownerId);
}
