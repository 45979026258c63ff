import { clientAddress } from "@openhouse/web/client-address";
import { HttpError } from "@openhouse/web/http-error";
import { type CodeRefusal, redeemCode } from "@openhouse/web/onboarding";
import { handleRoute } from "@openhouse/web/route";
import { readPostedCode } from "../../../lib/posted-code.ts";

const REFUSALS = {
  unknown: { status: 404, code: "code_unknown" },
  used: { status: 409, code: "code_used" },
  expired: { status: 410, code: "code_expired" },
  revoked: { status: 410, code: "code_revoked" },
} as const satisfies Record<Exclude<CodeRefusal, "limited">, { status: number; code: string }>;

/** Uses a code up and opens its homeowner's session: `{"code": string}` to `{"outcome": "welcome"}` and the session's cookie. */
export const POST = handleRoute("/api/onboarding", async (request: Request) => {
  const code = await readPostedCode(request);
  if (code === null) throw new HttpError(400, "malformed");
  const result = await redeemCode(code, await clientAddress());
  if (result.outcome === "limited") {
    throw new HttpError(429, "too_many_attempts", { "Retry-After": String(result.retryAfterSeconds) });
  }
  if (result.outcome !== "welcome") {
    const refusal = REFUSALS[result.outcome];
    throw new HttpError(refusal.status, refusal.code);
  }
  return Response.json({ outcome: "welcome" }, { headers: { "Cache-Control": "no-store" } });
});
