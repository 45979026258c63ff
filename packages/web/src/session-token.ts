import { isUuid } from "@openhouse/db/uuid";
import { signToken, verifyToken } from "./signed-token.ts";

/** Which portal a cookie is for. A cookie of one is worth nothing in the other. */
export type Portal = "developer" | "tenant";

/** What the cookie says. Only ids: what they mean is read from the database each time. */
export interface SessionClaims {
  readonly sessionId: string;
  readonly tenantId: string;
  /** The staff member or homeowner. */
  readonly subjectId: string;
  readonly expiresAt: Date;
}

const USE = "session tokens";

/**
 * Signs a session's cookie.
 *
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`.
 */
export function signSessionToken(portal: Portal, claims: SessionClaims): Promise<string> {
  const { sessionId, tenantId, subjectId, expiresAt } = claims;
  return signToken(
    USE,
    { audience: portal, subject: subjectId, expiresAt },
    { sid: sessionId, tid: tenantId },
  );
}

/**
 * Reads a session's cookie. Says nothing about whether the session still exists.
 *
 * @returns null for whatever is not a cookie that a secret of ours signed, for this portal, and that has not
 * expired.
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`: everybody would be signed out, and nobody would
 * know why.
 */
export async function verifySessionToken(portal: Portal, token: string): Promise<SessionClaims | null> {
  const payload = await verifyToken(USE, portal, token);
  if (payload === null) return null;
  const { sid, tid, sub, exp } = payload;
  if (!isUuid(sid) || !isUuid(tid) || !isUuid(sub) || exp === undefined) return null;
  return { sessionId: sid, tenantId: tid, subjectId: sub, expiresAt: new Date(exp * 1000) };
}
