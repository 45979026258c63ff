import { clientAddress } from "@openhouse/web/client-address";
import { handleRoute } from "@openhouse/web/route";
import { signInStaff } from "@openhouse/web/sign-in";

export const POST = handleRoute("/api/sign-in", async (request) => {
  const { email, password } = await request.json();
  const address = await clientAddress();
  return Response.json({ ...(await signInStaff({ email, password, address })), address });
});
