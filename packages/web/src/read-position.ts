import {
  forTenant,
  hasReplicas,
  type Reader,
  ReadToken,
  readToken,
  type TenantDatabase,
} from "@openhouse/db/client";
import { portalCookie } from "./session-cookie.ts";
import { signToken, verifyToken } from "./signed-token.ts";

/** Long enough for any replica that is asked to have come as far: what lags by more than 5 s is not. */
const LIFETIME_MS = 30_000;
const COOKIE = "openhouse-read-after";
const USE = "read position";

/**
 * Writes as the tenant, in a server action or route handler, and has the visitor's next reads see it: a cookie keeps the
 * position, signed, for 30 s. Also where `work` fails: what it has written may be kept. Without replicas there is no cookie.
 *
 * Errors of `work` are rethrown as they are.
 */
export async function writeAsTenant<T>(
  tenantId: string,
  work: (db: TenantDatabase) => Promise<T>,
): Promise<T> {
  const tenant = forTenant(tenantId);
  if (!hasReplicas()) return await work(tenant);
  let position: ReadToken | undefined = ReadToken.PRIMARY;
  try {
    const done = await tenant.withPosition(work);
    position = done.position;
    return done.result;
  } finally {
    if (position !== undefined) await keepPosition(tenantId, position);
  }
}

/** The tenant's rows, to be read only, from a replica that has what this visitor has written. */
export async function readAsTenant(tenantId: string): Promise<Reader> {
  if (!hasReplicas()) return forTenant(tenantId);
  return forTenant(tenantId).onReplica({ after: await keptPosition(tenantId) });
}

async function keepPosition(tenantId: string, position: ReadToken): Promise<void> {
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  const frame = { audience: USE, subject: tenantId, expiresAt };
  const token = await signToken(USE, frame, { after: String(position) });
  (await portalCookie(COOKIE)).write(token, expiresAt);
}

/** A cookie that is none of ours, or another tenant's, is no position. */
async function keptPosition(tenantId: string): Promise<ReadToken | undefined> {
  const sent = (await portalCookie(COOKIE)).read();
  if (sent === undefined || sent === "") return undefined;
  const claims = await verifyToken(USE, USE, sent);
  return claims?.sub === tenantId ? readToken(String(claims.after)) : undefined;
}
