import { databaseFigures } from "@openhouse/web/database-figures";
import { requireRoleForRoute } from "@openhouse/web/require-role";
import { handleRoute } from "@openhouse/web/route";
import { ANY_STAFF } from "../../../lib/staff.ts";

/** The figures of the Database page, for staff. */
export const GET = handleRoute("/api/database", async () => {
  await requireRoleForRoute(ANY_STAFF);
  return Response.json(await databaseFigures(), { headers: { "Cache-Control": "no-store" } });
});
