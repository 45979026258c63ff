import type { ChatMessage } from "../../../lib/chat/chat-message.ts";

/** What a message says: its text parts, one below the other. */
export function textOf({ parts }: Pick<ChatMessage, "parts">): string {
  return parts.flatMap((part) => (part.type === "text" && part.text !== "" ? [part.text] : [])).join("\n\n");
}
