import { setting } from "@openhouse/web/settings";

/** The address that a homeowner's QR code holds. `TENANT_PORTAL_URL` is the tenant portal's public origin. */
export function onboardingUrl(code: string): string {
  const origin = setting("TENANT_PORTAL_URL") || "http://localhost:3001";
  return `${origin.replace(/\/+$/, "")}/onboard/${code}`;
}

/**
 * What is wrong with `TENANT_PORTAL_URL`; empty where nothing is. A code that leads nowhere is found out on paper, or in a thousand
 * mailboxes: where a server sends mails, there is no default.
 */
export function tenantPortalFaults(read: (name: string) => string | undefined = setting): readonly string[] {
  const text = read("TENANT_PORTAL_URL");
  if (!text?.trim() && read("SMTP_URL")?.trim())
    return [
      "TENANT_PORTAL_URL must be set where SMTP_URL is: the links of mailed codes begin with it, for example TENANT_PORTAL_URL=https://home.example.com",
    ];
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
