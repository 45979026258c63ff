import { databaseActivity } from "@openhouse/db/figures";
import { requireOperatorForRoute } from "@openhouse/web/figures/operator";
import { fleet } from "@openhouse/web/figures/own-fleet";
import { handleRoute } from "@openhouse/web/route";

/** The figures of every process, the worst first, for operators. */
export const GET = handleRoute("/api/database", async () => {
  await Promise.all([requireOperatorForRoute(), fleet.refresh()]);
  return Response.json(
    { rows: fleet.rows(), activity: databaseActivity() },
    { headers: { "Cache-Control": "no-store" } },
  );
});
