import { waitMs } from "./duration.ts";
import { listOf, member, textMember } from "./json.ts";

/** What a step came to, in the words that the SDK wants to have it back. */
export type StepState =
  | { readonly type: "data"; readonly data: unknown }
  | { readonly type: "error"; readonly error: unknown };

/** What the function asks for next. */
export type Op =
  | { readonly kind: "ran"; readonly id: string; readonly state: StepState }
  | { readonly kind: "threw"; readonly id: string; readonly error: unknown }
  | { readonly kind: "planned"; readonly id: string }
  | { readonly kind: "sleep"; readonly id: string; readonly forMs: number }
  | { readonly kind: "complete" }
  | { readonly kind: "unknown"; readonly op: string };

/** What the portal's answer means. */
export type Reply =
  | { readonly kind: "ops"; readonly ops: readonly Op[]; readonly retryAfterMs: number | undefined }
  | { readonly kind: "done" }
  | { readonly kind: "rejected"; readonly retriable: boolean; readonly retryAfterMs: number | undefined }
  /** The portal is away, starting, draining, or not the one that knows the function. */
  | { readonly kind: "unreachable"; readonly why: string };

/** Reads the answer of `/api/inngest` to a request to go on with a run. */
export function readReply(status: number, headers: Headers, text: string): Reply {
  const retryAfterMs = readRetryAfter(headers.get("retry-after"));
  // Only the SDK's own answers speak of the function; others come from what stands in front of it.
  const fromSdk = headers.has("x-inngest-sdk");
  if (!fromSdk) return { kind: "unreachable", why: `status ${status}` };
  if (status === 200) return { kind: "done" };
  if (status === 206) return { kind: "ops", ops: readOps(text), retryAfterMs };
  const noRetry = headers.get("x-inngest-no-retry");
  if (noRetry === null) return { kind: "unreachable", why: `status ${status}` };
  return { kind: "rejected", retriable: noRetry !== "true", retryAfterMs };
}

function readOps(text: string): Op[] {
  const said: unknown = JSON.parse(text);
  return (Array.isArray(said) ? listOf(said) : [said]).map(readOp);
}

function readOp(said: unknown): Op {
  const op = textMember(said, "op") ?? "none";
  const id = textMember(said, "id") ?? "";
  switch (op) {
    case "StepRun":
    case "Step":
      return { kind: "ran", id, state: { type: "data", data: member(said, "data") ?? null } };
    case "StepFailed":
      return { kind: "ran", id, state: { type: "error", error: member(said, "error") } };
    case "StepError":
      return { kind: "threw", id, error: member(said, "error") };
    case "StepPlanned":
      return { kind: "planned", id };
    case "Sleep":
      return { kind: "sleep", id, forMs: waitMs(textMember(said, "name") ?? "", Date.now()) };
    case "RunComplete":
      return { kind: "complete" };
    default:
      return { kind: "unknown", op };
  }
}

/** Seconds, or a date. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
