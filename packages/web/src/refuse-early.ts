import type { IncomingMessage } from "node:http";
import { log } from "./log.ts";
import { isSameOrigin } from "./origin.ts";
import { type RefusalCode, refusalPath } from "./refused-request.ts";

/** The form of an upload, which holds a document of 1 MB at most; larger files are told so by the form, as far as this. */
const MAX_FORM_BYTES = 3 * 1024 * 1024;
/** What says where a form's fields begin and end; RFC 2046 allows 70 characters. Next's parsers throw where it is not there. */
const BOUNDARY = /;\s*boundary=("[^"]{1,70}"|[^\s";,]{1,70})\s*(;|$)/i;
/** Methods that change nothing. */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const METHODS = new Set([...SAFE_METHODS, "POST", "PUT", "PATCH", "DELETE"]);

/** A page that Next has made at the build: its scripts and styles carry no nonce, so that no browser runs them. */
const NEXTS_OWN = /^\/_global-error(?:\/|$)/;

/**
 * Leads a request that Next would answer with an error page, or with less care than ours, to the page that refuses it. Before
 * anything else has seen the request; its body is not read.
 */
export function refuseEarly(request: IncomingMessage): void {
  const code = refusalOf(request);
  if (code === undefined) return;
  log.warn("web.request_refused", { reason: code });
  request.url = refusalPath(code);
  if (request.method !== "HEAD") request.method = "GET";
}

/** Why a request is refused at sight; undefined where it is not. */
export function refusalOf({
  method = "GET",
  url = "/",
  headers,
}: Pick<IncomingMessage, "method" | "url" | "headers">): RefusalCode | undefined {
  if (!METHODS.has(method)) return "method";
  const [path = "/"] = url.split("?");
  if (!canBeDecoded(path)) return "address";
  if (NEXTS_OWN.test(path)) return "no_page";
  // Routes have checks and bounds of their own; some are for others than the portal's pages.
  if (SAFE_METHODS.has(method) || path.startsWith("/api/")) return undefined;
  const read = (name: string) => headers[name]?.toString() ?? null;
  if (!isSameOrigin({ get: read })) return "cross_origin";
  const length = Number(headers["content-length"] ?? Number.NaN);
  // Browsers say how long a form is. Without a length nobody knows when to stop.
  if (headers["transfer-encoding"] !== undefined || Number.isNaN(length)) return "no_length";
  if (length > MAX_FORM_BYTES) return "too_large";
  const type = read("content-type") ?? "";
  return /^\s*multipart\//i.test(type) && !BOUNDARY.test(type) ? "form" : undefined;
}

function canBeDecoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
