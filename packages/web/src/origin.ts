import { HttpError } from "./http-error.ts";

/**
 * Refuses a state-changing request that another site's page made the visitor's browser send. Server actions
 * need none of this: Next compares Origin and Host before it runs one.
 *
 * A browser always sends Origin with such a request, so one without is refused too, unless the browser says
 * `same-origin`. `X-Forwarded-Host` may be believed here: no page can make a browser send it across sites
 * without asking first.
 *
 * @throws {HttpError} 403 `cross_origin`.
 */
export function assertSameOrigin(request: Request): void {
  const { headers } = request;
  const origin = headers.get("origin");
  const own = headers.get("x-forwarded-host")?.split(",")[0]?.trim() || headers.get("host");
  const same =
    origin === null
      ? headers.get("sec-fetch-site") === "same-origin"
      : own !== null && hostOf(origin) === own.toLowerCase();
  if (!same) throw new HttpError(403, "cross_origin");
}

/** `null`, as sandboxed documents send it, is no host and equals none. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
