import { isUuid } from "@openhouse/db/uuid";
import { sentDevice } from "./device-cookie.ts";
import { type CodeVerdict, checkFactor, type FactorOwner, hasFactor } from "./second-factor.ts";
import { openSession } from "./session.ts";
import { portalCookie } from "./session-cookie.ts";
import { signToken, verifyToken } from "./signed-token.ts";
import { type Credentials, checkStaffCredentials } from "./staff-credentials.ts";

export type SignInOutcome =
  | { outcome: "signed-in" }
  /** The password was right, and a code is wanted: `finishSignIn` takes it. */
  | { outcome: "code-wanted" }
  | { outcome: "wrong" }
  | { outcome: "limited" | "busy"; retryAfterSeconds: number };

/** How long a code may be looked for, once the password was right. */
const CODE_WANTED_MS = 5 * 60_000;
const AUDIENCE = "developer";
const codeWantedCookie = () => portalCookie("openhouse-developer-code");

/**
 * Signs a staff member in to the developer portal, or half in where they have a second factor. Server actions and route
 * handlers only.
 *
 * @throws errors of the database; `guardAction` or `handleRoute` answers them.
 */
export async function signInStaff(credentials: Omit<Credentials, "device">): Promise<SignInOutcome> {
  const checked = await checkStaffCredentials({ ...credentials, device: await sentDevice() });
  if (checked.outcome !== "verified") return checked;
  const { tenantId, staffId } = checked;
  if (await hasFactor({ tenantId, staffId })) {
    const expiresAt = new Date(Date.now() + CODE_WANTED_MS);
    const frame = { audience: AUDIENCE, subject: staffId, expiresAt };
    (await codeWantedCookie()).write(await signToken("second steps", frame, { tid: tenantId }), expiresAt);
    return { outcome: "code-wanted" };
  }
  await openSession("developer", { tenantId, staffId });
  return { outcome: "signed-in" };
}

/** Whose password this browser has shown within five minutes; null for nobody's. */
export async function whoseCodeIsWanted(): Promise<FactorOwner | null> {
  const token = (await codeWantedCookie()).read();
  const payload = token === undefined ? null : await verifyToken("second steps", AUDIENCE, token);
  if (payload === null || !isUuid(payload.tid) || !isUuid(payload.sub)) return null;
  return { tenantId: payload.tid, staffId: payload.sub };
}

/** The second half of a sign-in: a code of the app, or a recovery code. `late`: the password has to be shown again. */
export async function finishSignIn(
  code: string,
): Promise<{ outcome: "signed-in" | "late" } | Exclude<CodeVerdict, { outcome: "accepted" }>> {
  const owner = await whoseCodeIsWanted();
  if (owner === null) return { outcome: "late" };
  const verdict = await checkFactor(owner, code);
  if (verdict.outcome !== "accepted") return verdict;
  (await codeWantedCookie()).clear();
  await openSession("developer", owner);
  return { outcome: "signed-in" };
}
