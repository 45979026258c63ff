"use server";

import { forTenant } from "@openhouse/db/client";
import {
  issueOnboardingCode,
  revokeOnboardingCodes,
  UnknownHomeownerError,
} from "@openhouse/db/queries/onboarding-codes";
import { guardAction } from "@openhouse/web/action";
import { requireRole } from "@openhouse/web/require-role";
import { securityLog } from "@openhouse/web/security-log";
import type { StaffSession } from "@openhouse/web/session";
import { refresh } from "next/cache";

const VALID_FOR_MS = 90 * 24 * 60 * 60 * 1000;

export interface CodeState {
  ok: boolean;
  /** What was done. */
  done?: string;
  error?: string;
}

const issue = guardAction("/developments/[id]: new code", async (homeownerId: string): Promise<CodeState> => {
  const session = await requireRole(["developer"]);
  try {
    await issueOnboardingCode(forTenant(session.tenantId), { homeownerId, validForMs: VALID_FOR_MS });
  } catch (error) {
    if (!(error instanceof UnknownHomeownerError)) throw error;
    return { ok: false, error: "This homeowner is not there any more. Please load the page again." };
  }
  tell("code.issued", session, homeownerId);
  refresh();
  return { ok: true, done: "New code made." };
});

const revoke = guardAction(
  "/developments/[id]: withdraw code",
  async (homeownerId: string): Promise<CodeState> => {
    const session = await requireRole(["developer"]);
    const revoked = await revokeOnboardingCodes(forTenant(session.tenantId), homeownerId);
    if (revoked) tell("code.withdrawn", session, homeownerId);
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

function tell(event: "code.issued" | "code.withdrawn", session: StaffSession, target: string): void {
  const { tenantId: tenant, staff } = session;
  securityLog(event, { portal: "developer", tenant, subject: staff.id, target });
}
