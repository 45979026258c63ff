/** Why the server did not begin an answer. */
export class ChatRefusedError extends Error {
  /** The server's word for it, such as `thread_not_found`; `unknown` where it has none. */
  readonly code: string;
  readonly status: number;
  /** Set where trying again makes sense, and when. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, retryAfterMs?: number) {
    super(`${status} ${code}`);
    this.name = "ChatRefusedError";
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reads a refusal. Never throws on what a proxy in between may have answered instead. */
export async function readRefusal(response: Response): Promise<ChatRefusedError> {
  const body: unknown = await response.json().catch(() => null);
  const said = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ChatRefusedError(
    response.status,
    typeof said === "string" ? said : "unknown",
    Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined,
  );
}
