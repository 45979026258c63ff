import { clientAddress } from "@openhouse/web/client-address";
import { redeemCode } from "@openhouse/web/onboarding";
import { handleRoute } from "@openhouse/web/route";

export const POST = handleRoute("/api/onboard", async (request) => {
  const { code } = await request.json();
  return Response.json(await redeemCode(code, await clientAddress()));
});
