import { forTenant } from "@openhouse/db/client";
import { archive } from "@openhouse/db/queries/archive";
import { removeHomeowner } from "@openhouse/db/queries/homeowner-changes";
import type { Homes } from "@openhouse/db/queries/homes";
import { writeAsTenant } from "./read-position.ts";
import { securityLog } from "./security-log.ts";
import type { StaffSession } from "./session.ts";

/**
 * Takes a development or one of its units out of the lists. Whoever lives there goes on as before, unless the homes are closed:
 * then they are signed out, and their codes withdrawn, each with its line in the security log.
 *
 * @returns how many devices were signed out; null where it is gone, or in the archive already.
 */
export async function archiveHomes(
  session: StaffSession,
  homes: Homes & { closes: boolean },
): Promise<number | null> {
  const { tenantId, staff } = session;
  const closed = await writeAsTenant(tenantId, (db) => archive(db, staff.id, homes));
  if (closed === null) return null;
  for (const { homeownerId, sessionIds, codeWithdrawn } of closed) {
    const about = { tenant: tenantId, subject: staff.id, target: homeownerId } as const;
    if (codeWithdrawn) securityLog("code.withdrawn", { portal: "developer", ...about });
    if (sessionIds.length > 0)
      securityLog("session.ended", {
        portal: "tenant",
        ...about,
        sessions: sessionIds,
        reason: "home_archived",
      });
  }
  return closed.reduce((sum, { sessionIds }) => sum + sessionIds.length, 0);
}

/** Removes a homeowner with all that is theirs; whether they were still there. Whoever was signed in as them is out. */
export async function removeResident(session: StaffSession, homeownerId: string): Promise<boolean> {
  const { tenantId, staff } = session;
  const sessions = await removeHomeowner(forTenant(tenantId), staff.id, homeownerId);
  if (sessions === null) return false;
  if (sessions.length > 0)
    securityLog("session.ended", {
      portal: "tenant",
      tenant: tenantId,
      subject: staff.id,
      target: homeownerId,
      sessions,
      reason: "homeowner_removed",
    });
  return true;
}
