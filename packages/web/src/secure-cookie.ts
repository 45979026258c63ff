import { trustedProxies } from "./client-address.ts";

const LOOPBACK = /^(localhost|[^:]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Whether a cookie must be marked Secure: in production always, but for a portal that is tried out on its own
 * machine without TLS. Behind a proxy the Host may be the proxy's name for us, loopback included, so there it
 * says nothing.
 */
export function needsSecureCookie(headers: Pick<Headers, "get">): boolean {
  if (process.env.NODE_ENV !== "production") return false;
  if (trustedProxies() > 0 || headers.get("x-forwarded-proto") === "https") return true;
  return !LOOPBACK.test(headers.get("host") ?? "");
}
