import { forTenant } from "@openhouse/db/client";
import { aboutHomeOf, noteActivity } from "@openhouse/db/queries/activity";
import { changeHomeowner, type HomeownerFields } from "@openhouse/db/queries/homeowner-changes";
import {
  closeHome,
  isHomeOpen,
  issueOnboardingCode,
  revokeOnboardingCodes,
} from "@openhouse/db/queries/onboarding-codes";
import { endSessions } from "@openhouse/db/queries/sessions";
import { securityLog } from "./security-log.ts";
import type { StaffSession } from "./session.ts";

/** How long a code is good that nobody uses. */
export const CODE_VALID_FOR_MS = 90 * 24 * 60 * 60 * 1000;

export interface IssueRequest {
  readonly homeownerId: string;
  /** Whether the member of staff knows that somebody is, or was, in this home. */
  readonly knowsItIsOpen: boolean;
  /** Whether the homeowner is to be signed out where they are in now. */
  readonly endsSessions: boolean;
}

/**
 * Makes a homeowner a code that is good for 90 days, and ends the one before. Whoever holds it reads what is in the home, so
 * that one for a home that is open is made for those only who know that, and is logged.
 *
 * @returns how many sessions were ended; `open` where the home is, unknown to who asks, and nothing was done.
 * @throws {UnknownHomeownerError} the homeowner is not this tenant's.
 */
export async function issueCode(
  session: StaffSession,
  { homeownerId, knowsItIsOpen, endsSessions }: IssueRequest,
): Promise<"open" | { ended: number }> {
  const { tenantId, staff } = session;
  const db = forTenant(tenantId);
  const isOpen = await isHomeOpen(db, homeownerId);
  if (isOpen && !knowsItIsOpen) return "open";
  const sessionIds = await db.transaction(async (tx) => {
    if (endsSessions) await closeHome(tx, homeownerId);
    await issueOnboardingCode(tx, { homeownerId, validForMs: CODE_VALID_FOR_MS });
    await noteActivity(tx, { staffId: staff.id, kind: "code.issued", about: aboutHomeOf(homeownerId) });
    return endsSessions ? endSessions(tx, { homeownerId }) : [];
  });
  const about = { portal: "developer", tenant: tenantId, subject: staff.id, target: homeownerId } as const;
  securityLog("code.issued", about);
  if (isOpen) securityLog("code.issued_for_open_home", { ...about, sessions: sessionIds });
  logEnded(session, homeownerId, sessionIds);
  return { ended: sessionIds.length };
}

/**
 * Takes a homeowner's way in back: the open code, and unless they stay, the sessions that were opened with earlier ones, and
 * coming back by e-mail.
 *
 * @returns whether there was a code to withdraw, and how many sessions were ended.
 */
export async function withdrawAccess(
  session: StaffSession,
  { homeownerId, sessionsStay }: { homeownerId: string; sessionsStay: boolean },
): Promise<{ withdrawn: boolean; ended: number }> {
  const { tenantId, staff } = session;
  const { withdrawn, sessionIds } = await forTenant(tenantId).transaction(async (tx) => {
    if (!sessionsStay) await closeHome(tx, homeownerId);
    const withdrawn = await revokeOnboardingCodes(tx, homeownerId);
    if (withdrawn)
      await noteActivity(tx, { staffId: staff.id, kind: "code.withdrawn", about: aboutHomeOf(homeownerId) });
    return { withdrawn, sessionIds: sessionsStay ? [] : await endSessions(tx, { homeownerId }) };
  });
  if (withdrawn) logWithdrawn(session, homeownerId);
  logEnded(session, homeownerId, sessionIds);
  return { withdrawn, ended: sessionIds.length };
}

/**
 * Changes a homeowner's name and e-mail address. A code that was mailed to the address of before is withdrawn.
 *
 * @returns whether one was; `taken` where somebody else of the unit has the address, null where the homeowner is gone.
 */
export async function changeResident(
  session: StaffSession,
  fields: HomeownerFields & { id: string },
): Promise<{ codeWithdrawn: boolean } | "taken" | null> {
  const changed = await changeHomeowner(forTenant(session.tenantId), session.staff.id, fields);
  if (changed !== null && changed !== "taken" && changed.codeWithdrawn) logWithdrawn(session, fields.id);
  return changed;
}

function logWithdrawn({ tenantId, staff }: StaffSession, homeownerId: string): void {
  securityLog("code.withdrawn", {
    portal: "developer",
    tenant: tenantId,
    subject: staff.id,
    target: homeownerId,
  });
}

/** Signs a homeowner out everywhere; answers on how many devices. Their codes stay as they are. */
export async function endHomeownerSessions(session: StaffSession, homeownerId: string): Promise<number> {
  const sessionIds = await forTenant(session.tenantId).transaction(async (tx) => {
    const ended = await endSessions(tx, { homeownerId });
    if (ended.length > 0)
      await noteActivity(tx, {
        staffId: session.staff.id,
        kind: "homeowner.signed_out",
        about: aboutHomeOf(homeownerId),
      });
    return ended;
  });
  logEnded(session, homeownerId, sessionIds);
  return sessionIds.length;
}

function logEnded(session: StaffSession, homeownerId: string, sessions: readonly string[]): void {
  if (sessions.length === 0) return;
  securityLog("session.ended", {
    portal: "tenant",
    tenant: session.tenantId,
    subject: session.staff.id,
    target: homeownerId,
    sessions,
    reason: "ended_by_staff",
  });
}
