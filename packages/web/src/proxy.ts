import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { pagePolicy, REPORTING_ENDPOINTS } from "./content-security-policy.ts";
import { type Refusal, refusalAt } from "./refused-request.ts";

/** Lets a page be answered under a policy of its own. What is not let through is answered here: see `refuse-early.ts`. */
export function servePage(request: NextRequest): NextResponse {
  const refusal = refusalAt(request.nextUrl.pathname);
  if (refusal !== undefined) return refused(refusal);
  // The development server evaluates code and opens a socket, which the policy forbids.
  if (process.env.NODE_ENV !== "production") return NextResponse.next();
  const policy = pagePolicy(randomBytes(16).toString("base64"));
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("reporting-endpoints", REPORTING_ENDPOINTS);
  return response;
}

function refused({ status, title, words }: Refusal): NextResponse {
  const page = `<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${words}</p><p><a href="/">Go to the start page</a></p></html>`;
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new NextResponse(page, { status, headers });
}
