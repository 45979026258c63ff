import { serve } from "inngest/next";
import { NextRequest } from "next/server";
import { inngest } from "./client.ts";
import { functions } from "./functions/index.ts";
import { errorFields, log } from "./log.ts";

type Handler = (request: NextRequest, context: unknown) => Promise<Response>;

const SIGNATURE = "x-inngest-signature";
/** What Inngest sends stays below it, because hosts of functions take no more: what is longer, a function fetches. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

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
      // The SDK reads a body to its end before it looks at the signature: who has none must not fill the memory.
      const bounded = await withBoundedBody(request);
      return bounded === null ? answer(413, "body_too_large") : await handle(bounded, context);
    } catch (error) {
      // So does it parse it.
      if (error instanceof SyntaxError) return answer(400, "malformed");
      log.error("jobs.serve_failed", { ...errorFields(error) });
      return answer(500, "internal");
    }
  };
}

/** The request with a body that is read already; null where that is too long. */
async function withBoundedBody(request: NextRequest): Promise<NextRequest | null> {
  if (request.body === null) return request;
  const decoder = new TextDecoder();
  let bytes = 0;
  let body = "";
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) return null;
    body += decoder.decode(chunk, { stream: true });
  }
  body += decoder.decode();
  return new NextRequest(request.url, { method: request.method, headers: request.headers, body });
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
