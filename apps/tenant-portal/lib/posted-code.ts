/** Longer than any way to write a code. */
const MAX_BODY_BYTES = 1_000;

/** The code of a request's body, `{"code": string}`; null for any other body. Reads no more of it than a code may take. */
export async function readPostedCode(request: Request): Promise<string | null> {
  const text = await readText(request.body, MAX_BODY_BYTES);
  if (text === null) return null;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("code" in body)) return null;
    return typeof body.code === "string" ? body.code : null;
  } catch {
    return null;
  }
}

async function readText(body: Request["body"], maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
