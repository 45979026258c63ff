import { requireRoleForRoute } from "@openhouse/web/require-role";
import { handleRoute } from "@openhouse/web/route";

export const GET = handleRoute("/api/session", async (request) => {
  const viewers = new URL(request.url).searchParams.has("viewers");
  const session = await requireRoleForRoute(viewers ? ["developer", "viewer"] : ["developer"]);
  return Response.json({ name: session.staff.name, tenant: session.tenantName });
});
