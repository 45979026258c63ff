import { readRequestText } from "@openhouse/web/request-text";

/** Longer than any way to write a code. */
const MAX_BODY_BYTES = 1_000;

/** The code of a request's body, `{"code": string}`; null for any other body. Reads no more of it than a code may take. */
export async function readPostedCode(request: Request): Promise<string | null> {
  const text = await readRequestText(request, MAX_BODY_BYTES);
  if (text === null) return null;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("code" in body)) return null;
    return typeof body.code === "string" ? body.code : null;
  } catch {
    return null;
  }
}
