/** Where browsers report what a policy has stopped: a route of each portal, see `csp-report.ts`. */
export const REPORT_PATH = "/api/csp-report";

/** The header that gives the endpoint its name in `report-to`. */
export const REPORTING_ENDPOINTS = `csp="${REPORT_PATH}"`;

const REPORTING = [`report-uri ${REPORT_PATH}`, "report-to csp"];

/**
 * The policy of one page: only scripts that carry its nonce run, and what those load. Next reads the nonce off the request's
 * policy, and writes it onto its own scripts.
 *
 * @param nonce made for this answer alone; base64.
 */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "style-src-elem 'self'",
    "style-src-attr 'none'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...REPORTING,
  ].join("; ");
}

/** The policy of what is no page: data, and files of the build. Whoever makes a browser show one as a page gets nothing to run. */
export const FIXED_POLICY = [
  "default-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  ...REPORTING,
].join("; ");
