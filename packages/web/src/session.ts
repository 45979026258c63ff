import { type Database, forTenant } from "@openhouse/db/client";
import { createSession, findActiveSession, revokeSession } from "@openhouse/db/queries/sessions";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { databaseUnavailable, logError } from "./database-unavailable.ts";
import { needsSecureCookie } from "./secure-cookie.ts";
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
  staff: { id: string; name: string; email: string; role: StaffRole };
};

export type HomeownerSession = SessionBase & { kind: "homeowner"; homeowner: { id: string; name: string } };

/** Who is signed in. */
export type Session = StaffSession | HomeownerSession;

const HOUR_MS = 3_600_000;
const LIFETIME_MS: Record<Portal, number> = { developer: 12 * HOUR_MS, tenant: 30 * 24 * HOUR_MS };

/**
 * Who is signed in to `portal`, or null. Asked once a request, however many components want to know. Cookies
 * that are tampered with, expired, of the other portal, or of a session that was revoked are no session; none
 * is an error.
 *
 * Errors of the database pass through: not knowing is not the same as signed out.
 */
export const currentSession: (portal: Portal) => Promise<Session | null> = cache(async (portal) => {
  const claims = await currentClaims(portal);
  return claims === null ? null : sessionOfClaims(portal, claims);
});

/**
 * What the visitor's cookie claims, null without one of ours. Takes no statement, and so says nothing about whether the
 * session still exists: what is read on its strength may be shown only once `sessionOfClaims` has said yes, but can be
 * read at the same time.
 */
export async function currentClaims(portal: Portal): Promise<SessionClaims | null> {
  const token = (await cookies()).get(cookieName(portal))?.value;
  return token === undefined ? null : verifySessionToken(portal, token);
}

/** `currentSession` for a cookie's value. Takes one statement, and none for a cookie that is not ours. */
export async function sessionOfToken(portal: Portal, token: string): Promise<Session | null> {
  const claims = await verifySessionToken(portal, token);
  return claims === null ? null : sessionOfClaims(portal, claims);
}

/** The session that a cookie's claims point to. Takes one statement. */
export async function sessionOfClaims(portal: Portal, claims: SessionClaims): Promise<Session | null> {
  const { tenantId, sessionId, subjectId } = claims;
  const row = await findActiveSession(forTenant(tenantId), sessionId);
  if (row === null || row.subject.id !== subjectId) return null;
  const base = { sessionId, tenantId, tenantName: row.tenantName, expiresAt: row.expiresAt };
  const { subject } = row;
  if (subject.kind === "staff" && portal === "developer") {
    const { id, name, email, role } = subject;
    return { ...base, kind: "staff", staff: { id, name, email, role } };
  }
  if (subject.kind === "homeowner" && portal === "tenant") {
    return { ...base, kind: "homeowner", homeowner: { id: subject.id, name: subject.name } };
  }
  return null;
}

/** Who a session is for: one of the tenant's staff, or one of its homeowners. */
export type SessionSubject = { tenantId: string } & ({ staffId: string } | { homeownerId: string });

/** A session's row and the cookie for it. */
export interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Writes a session's row and signs its cookie, 12 hours for staff, 30 days for homeowners. `setSessionCookie`
 * sends it.
 *
 * @param db the tenant's handle, or a transaction of it.
 */
export async function writeSession(
  db: Database,
  portal: Portal,
  subject: SessionSubject,
): Promise<NewSession> {
  const expiresAt = sessionExpiry(portal);
  const { tenantId: _, ...owner } = subject;
  return signSession(portal, subject, { id: await createSession(db, { ...owner, expiresAt }), expiresAt });
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
  return { token: await signSessionToken(portal, { sessionId, tenantId, subjectId, expiresAt }), expiresAt };
}

/** Sends a session's cookie. Works where Next lets cookies be set: server actions and route handlers. */
export async function setSessionCookie(portal: Portal, { token, expiresAt }: NewSession): Promise<void> {
  const jar = await cookies();
  jar.set({
    name: cookieName(portal),
    value: token,
    httpOnly: true,
    sameSite: "lax",
    secure: needsSecureCookie(await headers()),
    path: "/",
    expires: expiresAt,
  });
}

/** Signs somebody in: row and cookie. Server actions and route handlers only. */
export async function openSession(portal: Portal, subject: SessionSubject): Promise<void> {
  await setSessionCookie(portal, await writeSession(forTenant(subject.tenantId), portal, subject));
}

/**
 * Signs out: the cookie goes in any case, also when the database is away and the row cannot be revoked; that
 * is logged, and the row ends by itself. Server actions and route handlers only.
 */
export async function closeSession(portal: Portal): Promise<void> {
  const jar = await cookies();
  const token = jar.get(cookieName(portal))?.value;
  jar.delete({ name: cookieName(portal), path: "/" });
  if (token === undefined) return;
  const claims = await verifySessionToken(portal, token);
  if (claims === null) return;
  try {
    await revokeSession(forTenant(claims.tenantId), claims.sessionId);
  } catch (error) {
    if (databaseUnavailable(error) === null) throw error;
    logError({ error, route: `sign out (${portal} portal)` });
  }
}

function cookieName(portal: Portal): string {
  return `openhouse-${portal}`;
}
