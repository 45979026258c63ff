import { authSecret } from "@openhouse/db/auth-secret";
import { isUuid } from "@openhouse/db/uuid";
import { jwtVerify, SignJWT } from "jose";

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

const ALGORITHM = "HS256";

/**
 * Signs a session's cookie.
 *
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`.
 */
export async function signSessionToken(portal: Portal, claims: SessionClaims): Promise<string> {
  return new SignJWT({ sid: claims.sessionId, tid: claims.tenantId })
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(claims.subjectId)
    .setAudience(portal)
    .setIssuedAt()
    .setExpirationTime(Math.floor(claims.expiresAt.getTime() / 1000))
    .sign(authSecret());
}

/**
 * Reads a session's cookie. Says nothing about whether the session still exists.
 *
 * @returns null for whatever is not a cookie that this secret signed, for this portal, and that has not
 * expired.
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`: everybody would be signed out, and nobody would
 * know why.
 */
export async function verifySessionToken(portal: Portal, token: string): Promise<SessionClaims | null> {
  const secret = authSecret();
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: [ALGORITHM],
      audience: portal,
      requiredClaims: ["sub", "exp"],
    });
    const { sid, tid, sub, exp } = payload;
    if (!isUuid(sid) || !isUuid(tid) || !isUuid(sub) || exp === undefined) return null;
    return { sessionId: sid, tenantId: tid, subjectId: sub, expiresAt: new Date(exp * 1000) };
  } catch {
    return null;
  }
}
