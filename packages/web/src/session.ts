import { type Database, forTenant } from "@openhouse/db/client";
import {
  createSession,
  type Device,
  findActiveSession,
  noteSessionSeen,
  revokeSession,
} from "@openhouse/db/queries/sessions";
import { headers } from "next/headers";
import { cache } from "react";
import { setHeader } from "./current-response.ts";
import { databaseUnavailable } from "./database-unavailable.ts";
import { deviceOf } from "./device.ts";
import { Flight } from "./flight.ts";
import { KnownOperators } from "./known-operators.ts";
import { logError } from "./log-error.ts";
import { waitUntil } from "./pending-work.ts";
import { processGlobal } from "./process-global.ts";
import { securityLog } from "./security-log.ts";
import { type PortalCookie, portalCookie } from "./session-cookie.ts";
import { type Portal, type SessionClaims, signSessionToken, verifySessionToken } from "./session-token.ts";

export type { Portal, SessionClaims } from "./session-token.ts";

interface SessionBase {
  sessionId: string;
  tenantId: string;
  tenantName: string;
  expiresAt: Date;
}

export type StaffRole = "developer" | "viewer";

export type StaffSession = SessionBase & {
  kind: "staff";
  staff: { id: string; name: string; email: string; role: StaffRole; isOperator: boolean };
};

export type HomeownerSession = SessionBase & { kind: "homeowner"; homeowner: { id: string; name: string } };

/** Who is signed in. */
export type Session = StaffSession | HomeownerSession;

/** Of what the browser keeps of a portal. Not the cookies: those of the whole domain would go, and other portals' with them. */
const CLEARED = '"cache", "storage"';

/** Shared by the copies of this module that a bundler makes. */
const knownOperators = processGlobal("web/known-operators", () => new KnownOperators<StaffSession>());

const HOUR_MS = 3_600_000;
const LIFETIME_MS: Record<Portal, number> = { developer: 12 * HOUR_MS, tenant: 180 * 24 * HOUR_MS };

/**
 * Who is signed in to `portal`, or null. Asked once a request, however many components want to know. Cookies
 * that are tampered with, expired, of the other portal, or of a session that was revoked are no session; none
 * is an error.
 *
 * Errors of the database pass through: not knowing is not the same as signed out.
 */
export const currentSession: (portal: Portal) => Promise<Session | null> = cache(async (portal) => {
  const claims = await currentClaims(portal);
  return claims === null ? null : sessionOfClaims(portal, claims, currentFlight(claims.tenantId));
});

/** What the request reads of its tenant goes out with who is signed in, where it is asked for in the same turn. */
export const currentFlight: (tenantId: string) => Flight = cache(
  (tenantId) => new Flight(forTenant(tenantId)),
);

/**
 * What the visitor's cookie claims, null without one of ours. Takes no statement, and so says nothing about whether the
 * session still exists: what is read on its strength may be shown only once `sessionOfClaims` has said yes, but can be
 * read at the same time.
 */
export const currentClaims: (portal: Portal) => Promise<SessionClaims | null> = cache(async (portal) =>
  claimsOf(portal, await sessionCookie(portal)),
);

/** `currentSession` for a cookie's value. Takes one statement, and none for a cookie that is not ours. */
export async function sessionOfToken(portal: Portal, token: string): Promise<Session | null> {
  const claims = await verifySessionToken(portal, token);
  return claims === null ? null : sessionOfClaims(portal, claims);
}

/**
 * The session that a cookie's claims point to. Takes one statement, and every few minutes another that nobody waits for.
 *
 * @param flight of the claims' tenant, with which the statement goes. @default one of its own
 */
export async function sessionOfClaims(
  portal: Portal,
  claims: SessionClaims,
  flight: Flight = new Flight(forTenant(claims.tenantId)),
): Promise<Session | null> {
  const { tenantId, sessionId, subjectId } = claims;
  const row = await flight.ask(findActiveSession(flight.db, sessionId));
  knownOperators.forget(sessionId);
  if (row === null || row.subject.id !== subjectId) return null;
  if (!row.seenLately) void waitUntil(noteSeen(claims));
  const base = { sessionId, tenantId, tenantName: row.tenantName, expiresAt: row.expiresAt };
  const { subject } = row;
  if (subject.kind === "staff" && portal === "developer") {
    const { id, name, email, role, isOperator } = subject;
    const session: StaffSession = {
      ...base,
      kind: "staff",
      staff: { id, name, email, role, isOperator },
    };
    if (isOperator) knownOperators.remember(session);
    return session;
  }
  if (subject.kind === "homeowner" && portal === "tenant") {
    return { ...base, kind: "homeowner", homeowner: { id: subject.id, name: subject.name } };
  }
  return null;
}

/**
 * The session of an operator whom the database knew lately. Only for figures of the database itself, and only while that cannot be
 * asked: whoever has lost their session meanwhile is not known to have.
 */
export function knownOperator({ sessionId, subjectId, tenantId }: SessionClaims): StaffSession | undefined {
  const known = knownOperators.recall(sessionId);
  return known?.staff.id === subjectId && known.tenantId === tenantId ? known : undefined;
}

async function noteSeen({ tenantId, sessionId }: SessionClaims): Promise<void> {
  try {
    await noteSessionSeen(forTenant(tenantId), sessionId);
  } catch (error) {
    logError(error, { route: "when a session was seen" });
  }
}

/** Who a session is for: one of the tenant's staff, or one of its homeowners. */
export type SessionSubject = { tenantId: string } & ({ staffId: string } | { homeownerId: string });

/** A session's row and the cookie for it. */
export interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
  readonly claims: SessionClaims;
}

/**
 * Writes a session's row and signs its cookie, 12 hours for staff, 180 days for homeowners; nobody's use ends it sooner.
 * `startSession` sends it.
 *
 * @param db the tenant's handle, or a transaction of it.
 */
export async function writeSession(
  db: Database,
  portal: Portal,
  subject: SessionSubject,
  device?: Device,
): Promise<NewSession> {
  const expiresAt = sessionExpiry(portal);
  const { tenantId: _, ...owner } = subject;
  const id = await createSession(db, { ...owner, ...device, expiresAt });
  return signSession(portal, subject, { id, expiresAt });
}

/** When a session that begins now ends. */
export const sessionExpiry = (portal: Portal): Date => new Date(Date.now() + LIFETIME_MS[portal]);

/** The cookie for a session whose row is written. */
export async function signSession(
  portal: Portal,
  { tenantId, ...owner }: SessionSubject,
  { id: sessionId, expiresAt }: { id: string; expiresAt: Date },
): Promise<NewSession> {
  const subjectId = "staffId" in owner ? owner.staffId : owner.homeownerId;
  const claims = { sessionId, tenantId, subjectId, expiresAt };
  return { token: await signSessionToken(portal, claims), expiresAt, claims };
}

/**
 * Sends a session's cookie, and ends the session that this browser had: nobody is to be left with a cookie that still works.
 * Where Next lets cookies be set: server actions and route handlers.
 */
export async function startSession(
  portal: Portal,
  { token, claims }: NewSession,
  device: Device,
): Promise<void> {
  const cookie = await sessionCookie(portal);
  const before = await claimsOf(portal, cookie);
  cookie.write(token, claims.expiresAt);
  const { tenantId, subjectId, sessionId } = claims;
  const { browser, system } = device;
  securityLog("session.started", {
    ...{ portal, tenant: tenantId, subject: subjectId },
    ...{ sessions: [sessionId], browser, system },
  });
  if (before !== null && before.sessionId !== claims.sessionId) await endSession(portal, before, "replaced");
}

/** Signs somebody in: row and cookie. Server actions and route handlers only. */
export async function openSession(portal: Portal, subject: SessionSubject): Promise<void> {
  const device = await currentDevice();
  await startSession(
    portal,
    await writeSession(forTenant(subject.tenantId), portal, subject, device),
    device,
  );
}

/**
 * Signs out: the cookie goes in any case, also when the database is away and the row cannot be revoked; that
 * is logged, and the row ends by itself. Server actions and route handlers only.
 */
export async function closeSession(portal: Portal): Promise<void> {
  const cookie = await sessionCookie(portal);
  const claims = await claimsOf(portal, cookie);
  cookie.clear();
  setHeader("Clear-Site-Data", CLEARED);
  if (claims !== null) await endSession(portal, claims, "signed_out");
}

async function endSession(
  portal: Portal,
  { tenantId, sessionId, subjectId }: SessionClaims,
  reason: "signed_out" | "replaced",
): Promise<void> {
  knownOperators.forget(sessionId);
  try {
    const ended = await revokeSession(forTenant(tenantId), sessionId);
    if (ended)
      securityLog("session.ended", {
        portal,
        tenant: tenantId,
        subject: subjectId,
        sessions: [sessionId],
        reason,
      });
  } catch (error) {
    if (databaseUnavailable(error) === null) throw error;
    logError(error, { route: `sign out (${portal} portal)` });
  }
}

/** What the visitor's browser says it is. */
export async function currentDevice(): Promise<Device> {
  return deviceOf((await headers()).get("user-agent"));
}

async function claimsOf(portal: Portal, cookie: PortalCookie): Promise<SessionClaims | null> {
  const token = cookie.read();
  return token === undefined ? null : verifySessionToken(portal, token);
}

const sessionCookie = (portal: Portal): Promise<PortalCookie> => portalCookie(`openhouse-${portal}`);
