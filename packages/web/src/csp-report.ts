import { log } from "./log.ts";
import { readRequestText } from "./request-text.ts";

const MAX_BODY_BYTES = 16_000;

/** What a policy of ours has; anything else a sender has made up. */
const DIRECTIVES = new Set([
  "default-src",
  "script-src",
  "script-src-elem",
  "script-src-attr",
  "style-src",
  "style-src-elem",
  "style-src-attr",
  "img-src",
  "font-src",
  "connect-src",
  "manifest-src",
  "base-uri",
  "form-action",
  "frame-ancestors",
]);

/**
 * Logs what browsers report as stopped by the content security policy: which directive, and what kind of thing, but no
 * address and no text, as those hold codes and what people wrote. Anybody may send reports, so that there is a bound to what
 * one may hold; the log has one for the lines that come of them.
 */
export async function POST(request: Request): Promise<Response> {
  const text = await readRequestText(request, MAX_BODY_BYTES);
  if (text === null) return new Response(null, { status: 413 });
  const violations = readViolations(text);
  if (violations === null) return new Response(null, { status: 400 });
  for (const violation of violations) log.warn("web.csp_violation", { ...violation });
  return new Response(null, { status: 204 });
}

interface Violation {
  directive: string;
  blocked: string;
}

/** Of `report-uri` one, of `report-to` several; null for what is neither. */
function readViolations(text: string): Violation[] | null {
  const body = parse(text);
  if (Array.isArray(body)) {
    const reports = body.map((report) => member(report, "body"));
    return reports.map((report) => violation(report, "effectiveDirective", "blockedURL"));
  }
  const report = member(body, "csp-report");
  if (report === undefined) return null;
  const directive = member(report, "effective-directive") === undefined ? "violated" : "effective";
  return [violation(report, `${directive}-directive`, "blocked-uri")];
}

function violation(report: unknown, directiveName: string, blockedName: string): Violation {
  const [directive = ""] = String(member(report, directiveName) ?? "").split(" ");
  return {
    directive: DIRECTIVES.has(directive) ? directive : "other",
    blocked: kindOf(member(report, blockedName)),
  };
}

/** What was stopped, without its address. */
function kindOf(blocked: unknown): string {
  if (typeof blocked !== "string") return "other";
  if (["inline", "eval", "data", "blob", "self"].includes(blocked)) return blocked;
  return /^https?:/.test(blocked) ? "address" : "other";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}
