import { type KeyUse, keyFor, keysFor } from "@openhouse/db/auth-secret";
import { type JWTPayload, jwtVerify, SignJWT } from "jose";

const ALGORITHM = "HS256";

/** Who a token is for and about, and how long. */
interface TokenFrame {
  readonly audience: string;
  readonly subject: string;
  readonly expiresAt: Date;
}

/**
 * Signs what a browser is to keep for us, with a key of that use.
 *
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`.
 */
export async function signToken(
  use: KeyUse,
  { audience, subject, expiresAt }: TokenFrame,
  claims: Record<string, string>,
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM })
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
    .sign(keyFor(use));
}

/**
 * What a token says, also one of `AUTH_SECRET_PREVIOUS`.
 *
 * @returns null for whatever we did not sign for that use and audience, and what has expired.
 * @throws {AuthSecretError} there is no usable `AUTH_SECRET`: nobody would be known, and nobody would know why.
 */
export async function verifyToken(use: KeyUse, audience: string, token: string): Promise<JWTPayload | null> {
  for (const key of keysFor(use)) {
    try {
      const options = { algorithms: [ALGORITHM], audience, requiredClaims: ["sub", "exp"] };
      return (await jwtVerify(token, key, options)).payload;
    } catch {
      // Perhaps another key's.
    }
  }
  return null;
}
