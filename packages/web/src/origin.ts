import { HttpError } from "./http-error.ts";
import { setting } from "./settings.ts";

/**
 * Refuses a state-changing request that another site's page made the visitor's browser send.
 *
 * @throws {HttpError} 403 `cross_origin`.
 */
export function assertSameOrigin({ headers }: Pick<Request, "headers">): void {
  if (!isSameOrigin(headers)) throw new HttpError(403, "cross_origin");
}

/**
 * Whether a state-changing request comes from the portal's own pages: by its Origin, scheme and host.
 *
 * A browser always sends Origin with such a request, so one without is refused too, unless the browser says
 * `same-origin`. `X-Forwarded-Host` and `X-Forwarded-Proto` may be believed here: no page can make a browser send them across
 * sites without asking first.
 */
export function isSameOrigin(headers: Pick<Headers, "get">): boolean {
  const origin = headers.get("origin");
  if (origin === null) return headers.get("sec-fetch-site") === "same-origin";
  const host = firstOf(headers.get("x-forwarded-host")) || headers.get("host");
  // `null`, as sandboxed documents send it, is no address and equals none.
  if (!host || !URL.canParse(origin)) return false;
  const ownOrigin = `${ownScheme(headers)}//${host}`;
  return URL.canParse(ownOrigin) && new URL(origin).origin === new URL(ownOrigin).origin;
}

/** A proxy that ends TLS says so, or `PUBLIC_URL` does. */
function ownScheme(headers: Pick<Headers, "get">): string {
  if (firstOf(headers.get("x-forwarded-proto")) === "https") return "https:";
  return setting("PUBLIC_URL")?.startsWith("https:") ? "https:" : "http:";
}

const firstOf = (list: string | null): string | undefined => list?.split(",")[0]?.trim();
