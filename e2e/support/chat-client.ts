import { randomUUID } from "node:crypto";

/** A chunk of the AI SDK's UI message stream; fields as each type has them. */
export interface Chunk {
  type: string;
  messageId?: string;
  messageMetadata?: { status?: string; assistant?: string };
  toolCallId?: string;
  toolName?: string;
  input?: { query: string };
  output?: { passages: { documentId: string; title: string; excerpt: string }[] };
  sourceId?: string;
  url?: string;
  title?: string;
  delta?: string;
  errorText?: string;
}

export interface Asking {
  /** @default a new one */
  threadId?: string;
  /** @default a new one */
  messageId?: string;
  text?: string;
  existing?: boolean;
}

/** The answer to a question, as it comes. */
export interface ChatAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly threadId: string;
  readonly messageId: string;
  /** What has come so far. */
  readonly chunks: readonly Chunk[];
  /** The text so far. */
  text(): string;
  /** Waits for a chunk that is wanted; the first of them. Fails when the stream ends without one. */
  until(wanted: (chunk: Chunk) => boolean): Promise<Chunk>;
  /** Reads to the end. @throws {Error} the stream was cut. */
  end(): Promise<readonly Chunk[]>;
  /** Closes the connection, as a reader who leaves. */
  leave(): void;
  /** The body of a refusal. */
  json(): Promise<unknown>;
}

/** Asks as a page of the portal does, and resolves with the headers. */
export async function askChat(
  origin: string,
  cookie: string,
  {
    threadId = randomUUID(),
    messageId = randomUUID(),
    text = "How do I bleed a radiator?",
    existing,
  }: Asking,
): Promise<ChatAnswer> {
  const body = { id: threadId, message: { id: messageId, text }, existing };
  const leaving = new AbortController();
  const response = await postChat(origin, cookie, JSON.stringify(body), leaving.signal);
  const chunks: Chunk[] = [];
  const source = chunksOf(response);
  const next = async () => {
    const { done, value } = await source.next();
    if (done) return undefined;
    chunks.push(value);
    return value;
  };
  return {
    status: response.status,
    headers: response.headers,
    threadId,
    messageId,
    chunks,
    text: () => chunks.map(({ type, delta }) => (type === "text-delta" ? delta : "")).join(""),
    async until(wanted) {
      for (let chunk = chunks.find(wanted) ?? (await next()); chunk !== undefined; chunk = await next())
        if (wanted(chunk)) return chunk;
      throw new Error(`the stream ended without it: ${JSON.stringify(chunks)}`);
    },
    async end() {
      while ((await next()) !== undefined);
      return chunks;
    },
    leave: () => leaving.abort(),
    json: () => response.json(),
  };
}

/** Sends any body to POST /api/chat. */
export function postChat(
  origin: string,
  cookie: string,
  body: BodyInit,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, cookie },
    body,
    ...(signal !== undefined && { signal }),
  });
}

async function* chunksOf(response: Response): AsyncGenerator<Chunk, void> {
  let rest = "";
  let whole = false;
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      if (!event.startsWith("data: ")) continue;
      if (event === "data: [DONE]") whole = true;
      else yield JSON.parse(event.slice("data: ".length));
    }
  }
  if (!whole) throw new Error("the stream was cut off");
}
