import { type Database, forTenant, forTenantAsStranger } from "@openhouse/db/client";
import * as accounts from "@openhouse/db/queries/staff-accounts";
import { isUuid } from "@openhouse/db/uuid";
import { securityLog } from "./security-log.ts";
import type { StaffRole, StaffSession } from "./session.ts";
import { signToken, verifyToken } from "./signed-token.ts";
import { hashPassword } from "./staff-credentials.ts";

const LINK_VALID_FOR_MS = 7 * 24 * 60 * 60 * 1000;
const AUDIENCE = "developer";

/** Adds an account; answers the token of the link by which its owner sets a password, good once and for 7 days. */
export async function inviteColleague(
  session: StaffSession,
  account: { email: string; name: string; role: StaffRole },
): Promise<string | "taken"> {
  const { tenantId, staff } = session;
  const invited = await accounts.inviteStaff(forTenant(tenantId), staff.id, {
    ...account,
    validForMs: LINK_VALID_FOR_MS,
  });
  if (invited === "taken") return "taken";
  return issued(session, invited.staffId, invited.linkId, "invited");
}

/** A link as that for a colleague who has forgotten the password; the one before is good no more. Null where there is no such account. */
export async function resetPassword(session: StaffSession, staffId: string): Promise<string | null> {
  const { tenantId, staff } = session;
  const link = { id: staffId, validForMs: LINK_VALID_FOR_MS };
  const linkId = await accounts.makeStaffLink(forTenant(tenantId), staff.id, link);
  return linkId === null ? null : issued(session, staffId, linkId, "reset");
}

function issued(
  { tenantId, staff }: StaffSession,
  target: string,
  linkId: string,
  reason: "invited" | "reset",
): Promise<string> {
  securityLog("auth.link_issued", {
    portal: "developer",
    tenant: tenantId,
    subject: staff.id,
    target,
    reason,
  });
  const expiresAt = new Date(Date.now() + LINK_VALID_FOR_MS);
  return signToken("staff links", { audience: AUDIENCE, subject: linkId, expiresAt }, { tid: tenantId });
}

/** Whose password the link of this token sets; null where it sets nobody's any more. */
export async function findPasswordLink(token: string): Promise<accounts.FoundStaffLink | null> {
  const link = await readToken(token);
  if (link === null) return null;
  const found = await accounts.findStaffLink(forTenantAsStranger(link.tenantId), link.linkId);
  return found?.isGood === true ? found : null;
}

/**
 * Sets a password by a link, and signs its owner out wherever they are; whether the link was good.
 *
 * @throws {TooBusyError} too many passwords are being hashed; nothing was done.
 */
export async function setPasswordByLink(token: string, password: string): Promise<boolean> {
  const link = await readToken(token);
  if (link === null) return false;
  // Hashing is work: not for whoever kept an old link.
  const found = await findPasswordLink(token);
  if (found === null) return false;
  const change = { linkId: link.linkId, passwordHash: await hashPassword(password) };
  return set(forTenantAsStranger(link.tenantId), link.tenantId, change, "link");
}

/** Sets one's own password, for who has just shown the one before; signs out everywhere else. */
export async function changeOwnPassword(
  { tenantId, sessionId, staff }: StaffSession,
  password: string,
): Promise<boolean> {
  const passwordHash = await hashPassword(password);
  const db = forTenant(tenantId);
  const linkId = await accounts.makeOwnLink(db, staff.id);
  return set(db, tenantId, { linkId, passwordHash, except: sessionId }, "own");
}

async function set(
  db: Database,
  tenantId: string,
  change: Parameters<typeof accounts.setStaffPassword>[1],
  reason: "link" | "own",
): Promise<boolean> {
  const done = await accounts.setStaffPassword(db, change);
  if (done === null) return false;
  const about = { portal: "developer", tenant: tenantId, subject: done.staffId } as const;
  securityLog("auth.password_changed", { ...about, reason });
  if (done.sessionIds.length > 0)
    securityLog("session.ended", { ...about, sessions: done.sessionIds, reason: "password_changed" });
  return true;
}

/** Gives a colleague another role, from their next page on; whether that was done. */
export async function giveRole(
  { tenantId, staff }: StaffSession,
  target: string,
  role: StaffRole,
): Promise<boolean> {
  const done = await accounts.changeStaffRole(forTenant(tenantId), staff.id, { id: target, role });
  if (done)
    securityLog("role.changed", {
      portal: "developer",
      tenant: tenantId,
      subject: staff.id,
      target,
      reason: role,
    });
  return done;
}

/** Keeps a colleague out from now on, wherever they are signed in, or lets them in again; whether that was done. */
export async function setDisabled(
  { tenantId, staff }: StaffSession,
  target: string,
  disabled: boolean,
): Promise<boolean> {
  const db = forTenant(tenantId);
  const about = { portal: "developer", tenant: tenantId, subject: staff.id, target } as const;
  if (!disabled) {
    const done = await accounts.enableStaff(db, staff.id, target);
    if (done) securityLog("role.changed", { ...about, reason: "enabled" });
    return done;
  }
  const sessions = await accounts.disableStaff(db, staff.id, target);
  if (sessions === null) return false;
  securityLog("role.changed", { ...about, reason: "disabled" });
  if (sessions.length > 0) securityLog("session.ended", { ...about, sessions, reason: "disabled" });
  return true;
}

async function readToken(token: string): Promise<{ tenantId: string; linkId: string } | null> {
  const payload = await verifyToken("staff links", AUDIENCE, token);
  if (payload === null || !isUuid(payload.tid) || !isUuid(payload.sub)) return null;
  return { tenantId: payload.tid, linkId: payload.sub };
}
