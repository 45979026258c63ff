import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { titleOf } from "../../../lib/chat/title.ts";

/** What a message says: its text parts, one below the other. */
export function textOf({ parts }: Pick<ChatMessage, "parts">): string {
  return parts.flatMap((part) => (part.type === "text" && part.text !== "" ? [part.text] : [])).join("\n\n");
}

/** A conversation's title until it has a better one: its first question, shortened; nothing where none was asked. */
export function openingWords(messages: readonly ChatMessage[]): string {
  const opening = messages.find(({ role }) => role === "user");
  return opening === undefined ? "" : titleOf(textOf(opening));
}
