import { createHash, timingSafeEqual } from "node:crypto";

export interface MetricsHandlerOptions {
  /** What to answer, in Prometheus's text format. */
  readonly render: (request: Request) => string | Promise<string>;
  /** Where the answer is in another one. @default that of Prometheus's text format */
  readonly contentType?: string;
  /** What a reader must show as `Authorization: Bearer …`; undefined, or empty, where none is set. */
  readonly token: () => string | undefined;
  /** Without a token: whether the request comes from this machine, and not through a proxy on it. @default nobody's does */
  readonly isLocal?: (request: Request) => boolean;
}

/**
 * Answers a scrape. The figures tell how busy a service is and how it fails, so they are not for everybody: for whoever
 * shows the token, or where there is none, for this machine.
 */
export function createMetricsHandler({
  render,
  token,
  isLocal = () => false,
  contentType = "text/plain; version=0.0.4; charset=utf-8",
}: MetricsHandlerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const expected = token() || undefined; // who shows nothing shows an empty one
    if (expected === undefined && !isLocal(request)) return refuse(403, {});
    if (expected !== undefined && !showsToken(request, expected))
      return refuse(401, { "WWW-Authenticate": "Bearer" });
    const text = await render(request);
    return new Response(request.method === "HEAD" ? null : text, {
      headers: { "Content-Type": contentType, "Cache-Control": "no-store" },
    });
  };
}

function refuse(status: 401 | 403, headers: Readonly<Record<string, string>>): Response {
  return new Response(null, { status, headers: { ...headers, "Cache-Control": "no-store" } });
}

/** In a time that tells nothing of how much of it is right. */
function showsToken(request: Request, expected: string): boolean {
  const [, shown = ""] = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return timingSafeEqual(digest(shown), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
