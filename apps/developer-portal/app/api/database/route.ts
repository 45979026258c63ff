import { figuresNow } from "@openhouse/web/figures/message";
import { requireOperatorForRoute } from "@openhouse/web/figures/operator";
import { fleet } from "@openhouse/web/figures/own-fleet";
import { handleRoute } from "@openhouse/web/route";

/** The figures of every process, the worst first, for operators. */
export const GET = handleRoute("/api/database", async () => {
  await Promise.all([requireOperatorForRoute(), fleet.refresh()]);
  return Response.json(figuresNow(fleet), { headers: { "Cache-Control": "no-store" } });
});
