import { HttpError } from "@openhouse/web/http-error";
import { requireRoleForRoute } from "@openhouse/web/require-role";
import { handleRoute } from "@openhouse/web/route";
import { readSearch } from "../../../lib/search/read-search.ts";
import { PAGE_SIZE, searchHome } from "../../../lib/search/search-home.ts";

/**
 * Passages of the homeowner's documents for `?q=` (1 to 200 characters) and `page` (from 1); with `exact=1` of these very words. Excerpts are plain text;
 * `highlights` are pairs of offsets into them, in UTF-16 code units.
 */
export const GET = handleRoute("/api/rag", async (request: Request) => {
  const startedAtMs = performance.now();
  const session = await requireRoleForRoute(["homeowner"]);
  const { searchParams } = new URL(request.url);
  const asked = readSearch(searchParams.get("q"), searchParams.get("page"));
  if ("fault" in asked) throw new HttpError(400, asked.fault);
  const asTyped = searchParams.get("exact") === "1";
  const found = await searchHome(session, { ...asked, asTyped });
  if ("usedUp" in found) {
    const { quota, retryAfterSeconds } = found.usedUp;
    throw new HttpError(429, quota, { "Retry-After": String(retryAfterSeconds) });
  }
  const { correctedQuery, total, results } = found;
  const tookMs = Math.round(performance.now() - startedAtMs);
  return Response.json(
    { ...asked, correctedQuery, total, pageSize: PAGE_SIZE, results, tookMs },
    { headers: { "Cache-Control": "no-store" } },
  );
});
