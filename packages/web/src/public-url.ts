import { setting } from "./settings.ts";

/**
 * Whether the visitor came over TLS. `PUBLIC_URL`, the address that browsers know this portal by, says so; not the Host, which
 * behind a proxy is whatever that calls us, and loopback more often than not. Not set, it is assumed to be https in production.
 * A proxy that says `X-Forwarded-Proto: https` is believed: who makes that up only makes their own cookie stricter.
 */
export function arrivedOverTls(forwardedProto: string | null | undefined): boolean {
  if (forwardedProto?.split(",")[0]?.trim() === "https") return true;
  const url = setting("PUBLIC_URL");
  return url ? url.startsWith("https:") : process.env.NODE_ENV === "production";
}

/** What is wrong with `PUBLIC_URL`; empty where nothing is. */
export function publicUrlFaults(text = setting("PUBLIC_URL")): readonly string[] {
  if (!text || (URL.canParse(text) && /^https?:\/\/[^/?#@]+\/?$/.test(text))) return [];
  return [
    "PUBLIC_URL must be this portal's http(s) origin, without a path, for example PUBLIC_URL=https://home.example.com",
  ];
}
