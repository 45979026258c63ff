import type { Utterance } from "@openhouse/db/queries/messages";
import type { Chunk } from "./answer-job.ts";
import type { ChatMessage } from "./chat-message.ts";
import { eventStreamResponse } from "./event-stream.ts";
import { SEARCH_TOOL } from "./search-documents.ts";
import { toUiMessages } from "./ui-messages.ts";

/** Streams an answer that is stored, as it was streamed at first. */
export function replayStream(exchange: readonly Utterance[]): Response {
  return eventStreamResponse((write) => {
    for (const message of toUiMessages(exchange)) {
      if (message.role === "assistant") for (const chunk of chunksOf(message)) write(chunk);
    }
  });
}

function chunksOf({ id, parts, metadata }: ChatMessage): Chunk[] {
  const chunks: Chunk[] = [{ type: "start", messageId: id }];
  for (const part of parts) {
    if (part.type === "source-url") chunks.push(part);
    if (part.type === "tool-searchDocuments" && part.state === "output-available") {
      const { toolCallId, input, output } = part;
      chunks.push(
        { type: "tool-input-available", toolCallId, toolName: SEARCH_TOOL, input },
        { type: "tool-output-available", toolCallId, output },
      );
    }
    if (part.type === "text") {
      chunks.push(
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: part.text },
        { type: "text-end", id: "0" },
      );
    }
  }
  chunks.push({ type: "finish", ...(metadata !== undefined && { messageMetadata: metadata }) });
  return chunks;
}
