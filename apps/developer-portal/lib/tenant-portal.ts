import { setting } from "@openhouse/web/settings";

/** The address that a homeowner's QR code holds. `TENANT_PORTAL_URL` is the tenant portal's public origin. */
export function onboardingUrl(code: string): string {
  const origin = setting("TENANT_PORTAL_URL") || "http://localhost:3001";
  return `${origin.replace(/\/+$/, "")}/onboard/${code}`;
}

/** What is wrong with `TENANT_PORTAL_URL`; empty where nothing is. A code that leads nowhere is found out on paper. */
export function tenantPortalFaults(text = setting("TENANT_PORTAL_URL")): readonly string[] {
  if (!text || isOrigin(text)) return [];
  return [
    "TENANT_PORTAL_URL must be an http(s) address without user, password, query or fragment, for example TENANT_PORTAL_URL=https://home.example.com",
  ];
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
