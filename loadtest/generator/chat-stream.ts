/** What a chat answer's stream of server-sent events has said. */
export interface StreamedAnswer {
  /** Under which the answer is stored. */
  id: string | null;
  text: string;
  passages: number;
  /** It ended as it should: with `finish`, and with the stream's own mark. */
  finished: boolean;
  /** What an error part says. */
  error: string | null;
}

/** Reads the AI SDK's UI message stream. Parts that nobody here asks for are passed over. */
export function readChatStream(body: string): StreamedAnswer {
  const answer: StreamedAnswer = { id: null, text: "", passages: 0, finished: false, error: null };
  let finish = false;
  for (const line of body.split("\n")) {
    if (!line.startsWith("data: ")) continue;
    const data = line.slice("data: ".length);
    if (data === "[DONE]") answer.finished = finish && answer.error === null;
    const part = parse(data);
    if (part?.type === "start" && typeof part.messageId === "string") answer.id = part.messageId;
    else if (part?.type === "text-delta") answer.text += String(part.delta);
    else if (part?.type === "tool-output-available") answer.passages += passagesOf(part.output);
    else if (part?.type === "error") answer.error = String(part.errorText);
    else if (part?.type === "abort") answer.error = "aborted";
    else if (part?.type === "finish") finish = true;
  }
  return answer;
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
