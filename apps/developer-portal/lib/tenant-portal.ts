import { setting } from "@openhouse/web/settings";

/** The address that a homeowner's QR code holds. `TENANT_PORTAL_URL` is the tenant portal's public origin. */
export function onboardingUrl(code: string): string {
  const origin = setting("TENANT_PORTAL_URL") || "http://localhost:3001";
  return `${origin.replace(/\/+$/, "")}/onboard/${code}`;
}
