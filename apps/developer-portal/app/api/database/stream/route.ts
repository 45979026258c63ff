import { requireOperatorForRoute } from "@openhouse/web/figures/operator";
import { fleet } from "@openhouse/web/figures/own-fleet";
import { recorder } from "@openhouse/web/figures/own-recorder";
import { isRangeName } from "@openhouse/web/figures/reading";
import { figuresStream } from "@openhouse/web/figures/stream";
import { HttpError } from "@openhouse/web/http-error";
import { handleRoute } from "@openhouse/web/route";
import { currentClaims } from "@openhouse/web/session";

/** The figures as they come, each second, for operators. `process` is whose past is told first. */
export const GET = handleRoute("/api/database/stream", async (request) => {
  await requireOperatorForRoute();
  const claims = await currentClaims("developer");
  if (claims === null) throw new HttpError(401, "sign_in_required");
  const asked = new URL(request.url).searchParams;
  const range = asked.get("range");
  return figuresStream({
    ...{ fleet, recorder, claims },
    origin: asked.get("process") ?? "",
    range: isRangeName(range) ? range : "5m",
  });
});
