import { withClient } from "@openhouse/db/client";
import { handleRoute } from "@openhouse/web/route";

export const POST = handleRoute("/api/write", async () => {
  await withClient((client) => client.query("select 1"));
  return Response.json({ written: true });
});
