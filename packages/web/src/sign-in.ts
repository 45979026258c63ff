import { sentDevice } from "./device-cookie.ts";
import { openSession } from "./session.ts";
import { type Credentials, checkStaffCredentials } from "./staff-credentials.ts";

export type SignInOutcome =
  | { outcome: "signed-in" }
  | { outcome: "wrong" }
  | { outcome: "limited" | "busy"; retryAfterSeconds: number };

/**
 * Signs a staff member in to the developer portal. Server actions and route handlers only.
 *
 * @throws errors of the database; `guardAction` or `handleRoute` answers them.
 */
export async function signInStaff(credentials: Omit<Credentials, "device">): Promise<SignInOutcome> {
  const checked = await checkStaffCredentials({ ...credentials, device: await sentDevice() });
  if (checked.outcome !== "verified") return checked;
  await openSession("developer", { tenantId: checked.tenantId, staffId: checked.staffId });
  return { outcome: "signed-in" };
}
