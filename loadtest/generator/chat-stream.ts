/** What a chat answer's stream of server-sent events has said. */
export interface StreamedAnswer {
  /** Under which the answer is stored. */
  readonly id: string | null;
  readonly text: string;
  readonly passages: number;
  readonly sources: number;
  /** It ended as it should: with `finish`, and with the stream's own mark. */
  readonly finished: boolean;
  /** What an error part says. */
  readonly error: string | null;
}

/** Reads the AI SDK's UI message stream. Parts that nobody here asks for are passed over. */
export function readChatStream(body: string): StreamedAnswer {
  let [id, text, passages, sources, finish, done]: [string | null, string, number, number, boolean, boolean] =
    [null, "", 0, 0, false, false];
  let error: string | null = null;
  for (const line of body.split("\n")) {
    if (!line.startsWith("data: ")) continue;
    const data = line.slice("data: ".length);
    if (data === "[DONE]") {
      done = true;
      continue;
    }
    const part = parse(data);
    switch (part?.type) {
      case "start":
        id = typeof part.messageId === "string" ? part.messageId : null;
        break;
      case "text-delta":
        text += String(part.delta);
        break;
      case "tool-output-available":
        passages += passagesOf(part.output);
        break;
      case "source-url":
        sources++;
        break;
      case "error":
        error = String(part.errorText);
        break;
      case "abort":
        error = "aborted";
        break;
      case "finish":
        finish = true;
        break;
    }
  }
  return { id, text, passages, sources, finished: finish && done && error === null, error };
}

/** Whether a piece of the stream brings the answer's first words. */
export function bringsText(piece: Buffer): boolean {
  return piece.includes('"text-delta"');
}

function parse(data: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function passagesOf(output: unknown): number {
  if (typeof output !== "object" || output === null || !("passages" in output)) return 0;
  return Array.isArray(output.passages) ? output.passages.length : 0;
}
