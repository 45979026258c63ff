import { forTenant } from "@openhouse/db/client";
import { endSessions, listSessions, type Person } from "@openhouse/db/queries/sessions";
import { readForm, text } from "./action-input.ts";
import { deviceName } from "./device.ts";
import { formatMoment, formatNumberOf } from "./format.ts";
import { securityLog } from "./security-log.ts";
import type { Session } from "./session.ts";
import type { DeviceRow, DevicesState } from "./ui/device-list.tsx";

/** Where the person of a session is signed in: this device first, then the one used last. */
export async function listDevices(session: Session): Promise<DeviceRow[]> {
  const listed = await listSessions(forTenant(session.tenantId), personOf(session));
  const devices = listed.map(({ id, createdAt, lastSeenAt, ...device }) => ({
    sessionId: id,
    name: deviceName(device),
    since: formatMoment(createdAt),
    lastSeen: formatMoment(lastSeenAt),
    isThis: id === session.sessionId,
  }));
  return devices.sort((one, other) => Number(other.isThis) - Number(one.isThis));
}

/**
 * Signs the person of a session out elsewhere, never where it is asked from.
 *
 * @param only the one session to end. @default all others
 * @returns how many were ended.
 */
export async function endOtherDevices(session: Session, only?: string): Promise<number> {
  const person = personOf(session);
  const { tenantId, sessionId } = session;
  const sessionIds = await endSessions(forTenant(tenantId), person, {
    except: sessionId,
    ...(only !== undefined && { only }),
  });
  if (sessionIds.length > 0) {
    const subjectId = person.staffId ?? person.homeownerId;
    const portal = session.kind === "staff" ? "developer" : "tenant";
    securityLog("session.ended", {
      portal,
      tenant: tenantId,
      subject: subjectId,
      sessions: sessionIds,
      reason: "ended_by_owner",
    });
  }
  return sessionIds.length;
}

/** `endOtherDevices` for a form: of the session that its `session` names, or of all others where it names none. */
export async function endDevices(session: Session, form: FormData): Promise<DevicesState> {
  const { session: only } = readForm({ session: text(100).optional() }, form);
  const ended = await endOtherDevices(session, only);
  if (ended > 0) return { ok: true, done: `${formatNumberOf(ended, "device")} signed out.` };
  return only === undefined
    ? { ok: true, done: "There was no other device to sign out." }
    : { ok: false, error: "That device was signed out already." };
}

const personOf = (session: Session): Person =>
  session.kind === "staff" ? { staffId: session.staff.id } : { homeownerId: session.homeowner.id };
