import { type RedemptionOutcome, redeemForSession } from "./code-redemption.ts";
import { currentDevice, startSession } from "./session.ts";

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
  const device = await currentDevice();
  const result = await redeemForSession(code, address, device);
  if (result.outcome !== "welcome") return result;
  await startSession("tenant", result.session, device);
  return { outcome: "welcome" };
}
