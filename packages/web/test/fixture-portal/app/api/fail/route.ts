import { withClient } from "@openhouse/db/client";
import { handleRoute } from "@openhouse/web/route";

export const GET = handleRoute("/api/fail", async (request) => {
  const secret = new URL(request.url).searchParams.get("secret");
  await withClient((client) => client.query("select $1::int", [secret]));
  return Response.json({});
});
