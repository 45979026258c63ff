import type { Answer } from "./http.ts";

/** Why an attempt was not what its sender wanted. */
export interface Failure {
  /** What it is counted under: `503 connection_refused`, `ECONNRESET`, `cut stream`. */
  readonly kind: string;
  /** The server asks for another attempt and says when: nothing is lost by it. */
  readonly retryAfterMs?: number;
}

/** An answer that is none of the expected ones, by status and the body's kind. */
export function failureOf({ status, headers, body }: Answer): Failure {
  const kind = `${status} ${kindOf(body)}`;
  const seconds = Number(headers["retry-after"]);
  const mayReturn = status === 503 || status === 409;
  if (mayReturn && seconds >= 0) return { kind, retryAfterMs: seconds * 1_000 };
  return { kind: status === 503 ? `${kind} without Retry-After` : kind };
}

/** What the connection, or undici, threw: by its code. */
export function failureOfError(error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_CONNECT_TIMEOUT") return { kind: "timeout of the connection" };
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return { kind: "timeout" };
  if (code === "UND_ERR_DESTROYED") return { kind: "no answer by the end" };
  return { kind: `connection ${code || (error instanceof Error ? error.name : "error")}` };
}

function kindOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "error" in parsed) return String(parsed.error);
  } catch {
    // A page.
  }
  return "page";
}
