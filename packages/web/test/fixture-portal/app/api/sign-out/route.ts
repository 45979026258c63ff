import { handleRoute } from "@openhouse/web/route";
import { closeSession } from "@openhouse/web/session";

export const POST = handleRoute("/api/sign-out", async () => {
  await closeSession("developer");
  return Response.json({ signedOut: true });
});
