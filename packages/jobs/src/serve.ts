import { describeError } from "@openhouse/pool";
import { serve } from "inngest/next";
import type { NextRequest } from "next/server";
import { inngest } from "./client.ts";
import { functions } from "./functions/index.ts";
import { log } from "./log.ts";

type Handler = (request: NextRequest, context: unknown) => Promise<Response>;

const SIGNATURE = "x-inngest-signature";

/** Looks at requests, and answers them with the registered functions: nothing of it touches the database but jobs. */
const served = serve({
  client: inngest,
  functions,
  // Who may not run functions may not have them registered either; Inngest signs its own requests to sync.
  enableUnauthedSync: false,
});

let toldOfNoKey = false;

/**
 * The executor's way in. In production its requests are signed, and others get 401 before they are read. Without a
 * signing key, and without `INNGEST_DEV`, everybody gets 503: jobs do not run, the rest of the portal does.
 */
function guarded(handle: Handler): Handler {
  return async (request, context) => {
    if (inngest.mode === "cloud" && !inngest.signingKey) return notConfigured();
    if (inngest.mode === "cloud" && !request.headers.has(SIGNATURE)) return answer(401, "not_signed");
    try {
      return await handle(request, context);
    } catch (error) {
      // The SDK reads the body before it looks at the signature.
      if (error instanceof SyntaxError) return answer(400, "malformed");
      log.error("jobs.serve_failed", { error: describeError(error) });
      return answer(500, "internal");
    }
  };
}

function notConfigured(): Response {
  if (!toldOfNoKey) log.error("jobs.not_configured", { hint: "set INNGEST_SIGNING_KEY, or INNGEST_DEV" });
  toldOfNoKey = true;
  return answer(503, "jobs_not_configured");
}

function answer(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store" } });
}

export const GET: Handler = guarded(served.GET);
export const POST: Handler = guarded(served.POST);
export const PUT: Handler = guarded(served.PUT);
