import type { NextConfig } from "next";
import { FIXED_POLICY, REPORTING_ENDPOINTS } from "./content-security-policy.ts";

// Read when the server starts, after this file: no run of these portals reports to anybody.
process.env.NEXT_TELEMETRY_DISABLED = "1";
// Read before any of the portal's own code: reports of slow statements and leaks name lines of the sources, not of bundles.
process.setSourceMapsEnabled(true);

const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  // The address of a landing page holds an onboarding code or a link's secret. Not "no-referrer": forms would send `Origin: null`.
  { key: "Referrer-Policy", value: "same-origin" },
  // No other site's window reaches into one of ours, and none shows what ours are sent.
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=()" },
];

/** The settings of both portals. */
export const portalConfig: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  agentRules: false,
  allowedDevOrigins: ["127.0.0.1", "localhost"],
  experimental: {
    serverSourceMaps: true,
    // requireRole() answers the wrong role with 403 and forbidden.tsx.
    authInterrupts: true,
    // As much as `refuse-early.ts` lets through: the form itself says how large a document may be.
    serverActions: { bodySizeLimit: "3mb" },
    proxyClientMaxBodySize: "3mb",
  },
  // No page has an image to make smaller.
  images: { unoptimized: true },
  logging: {
    // Next's development server would print the arguments of actions, passwords among them, and addresses with codes.
    serverFunctions: false,
    incomingRequests: {
      ignore: [/^\/(onboard|join|sign-in\/link)\//, /^\/api\/health\//, /^\/api\/(database|figures)/],
    },
  },
  async headers() {
    // The development server evaluates code and opens a socket, which the policy forbids.
    const policy =
      process.env.NODE_ENV === "production"
        ? [
            // Of all that is no page; `proxy.ts` gives each page one of its own.
            { key: "Content-Security-Policy", value: FIXED_POLICY },
            { key: "Reporting-Endpoints", value: REPORTING_ENDPOINTS },
          ]
        : [];
    return [{ source: "/:path*", headers: [...SECURITY_HEADERS, ...policy] }];
  },
};
