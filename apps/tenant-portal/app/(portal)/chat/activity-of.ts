import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { textOf } from "./message-text.ts";

/** What is being done for an answer that is under way; null once it is being said, which is seen. */
export function activityOf(message: Pick<ChatMessage, "parts">): string | null {
  const last = message.parts.findLast(({ type }) => type !== "step-start" && type !== "source-url");
  if (last?.type === "tool-searchDocuments" && isRunning(last.state)) return "Searching the documents…";
  return textOf(message) === "" ? "Writing an answer…" : null;
}

function isRunning(state: string): boolean {
  return state === "input-streaming" || state === "input-available";
}
