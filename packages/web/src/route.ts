import { unstable_rethrow } from "next/navigation";
import { noteCurrentRoute } from "./current-response.ts";
import { databaseUnavailable } from "./database-unavailable.ts";
import { HttpError } from "./http-error.ts";
import { logError } from "./log-error.ts";
import { assertSameOrigin } from "./origin.ts";

/** Methods that change nothing; every other one must come from the portal's own pages. */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Wraps a route handler: `export const POST = handleRoute("/api/documents", async (request) => …)`.
 *
 * - the database is unavailable: 503 `{"error": kind}` with `Retry-After`;
 * - `HttpError`: its status and code;
 * - anything else: 500 `{"error": "internal"}`.
 *
 * What is said to the outside is a kind and nothing else; the log has the rest. State-changing methods are
 * refused across origins before `handler` runs, because a check that each handler has to remember is one that
 * some handler forgets.
 *
 * @param route the route's pattern, for the log: `/api/documents/[id]`, not the address with its values.
 */
export function handleRoute<Context>(
  route: string,
  handler: (request: Request, context: Context) => Promise<Response> | Response,
): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    noteCurrentRoute(route);
    try {
      if (!SAFE_METHODS.has(request.method)) assertSameOrigin(request);
      return await handler(request, context);
    } catch (error) {
      unstable_rethrow(error); // redirect() and notFound() are thrown too, and are Next's to answer
      return errorResponse(error, route);
    }
  };
}

function errorResponse(error: unknown, route: string): Response {
  if (error instanceof HttpError) return answer(error.status, error.code, error.headers);
  logError(error, { route });
  const unavailable = databaseUnavailable(error);
  if (unavailable === null) return answer(500, "internal");
  return answer(503, unavailable.kind, { "Retry-After": String(unavailable.retryAfterSeconds) });
}

function answer(status: number, error: string, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ error }, { status, headers: { "Cache-Control": "no-store", ...headers } });
}
