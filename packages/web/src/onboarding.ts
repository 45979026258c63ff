import { type RedemptionOutcome, redeemForSession } from "./code-redemption.ts";
import { setSessionCookie } from "./session.ts";

export { type CodePreview, type CodeRefusal, previewCode } from "./code-redemption.ts";

/**
 * Takes a homeowner in: redeems the code and opens the tenant portal's session. Server actions and route
 * handlers only.
 *
 * @param address the client's, of `clientAddress()`.
 * @throws errors of the database; `guardAction` or `handleRoute` answers them.
 */
export async function redeemCode(
  code: string,
  address: string,
): Promise<{ outcome: "welcome" } | Exclude<RedemptionOutcome, { outcome: "welcome" }>> {
  const result = await redeemForSession(code, address);
  if (result.outcome !== "welcome") return result;
  await setSessionCookie("tenant", result.session);
  return { outcome: "welcome" };
}
