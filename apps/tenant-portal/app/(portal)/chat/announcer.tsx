import { useEffect, useRef, useState } from "react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { readTables } from "../../../lib/chat/read-tables.ts";
import { activityOf } from "./activity-of.ts";
import type { LiveChat } from "./live-chats.ts";
import { textOf } from "./message-text.ts";

/** More than this is a lot to listen to without having asked for it; the rest is on the page. */
const MOST_CHARACTERS = 1_200;

/**
 * Tells a screen reader what goes on: that the documents are searched, and the answer once it is there. Not its pieces, which would
 * be read out one over the other.
 */
export function Announcer({
  messages,
  status,
}: {
  messages: readonly ChatMessage[];
  status: LiveChat["status"];
}) {
  const [said, setSaid] = useState("");
  const before = useRef(status);
  const last = messages.at(-1);
  const doing = last?.role === "assistant" && status === "streaming" ? activityOf(last) : null;

  useEffect(() => {
    const was = before.current;
    before.current = status;
    if (status === "submitted") setSaid("Your question was sent.");
    else if (status === "streaming") setSaid((now) => doing ?? now);
    // Nothing is said of a conversation that was only opened.
    else if (status === "ready" && was !== "ready") setSaid(outcome(last));
  }, [status, doing, last]);

  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}

function outcome(message: ChatMessage | undefined): string {
  if (message?.role !== "assistant") return "Stopped.";
  const text = plain(textOf(message));
  const heard =
    text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… There is more on the page.` : text;
  return message.metadata?.status === "complete"
    ? `The assistant answered: ${heard}`
    : "The answer was stopped.";
}

/** Without the marks of Markdown, which would be read out. */
function plain(markdown: string): string {
  return readTables(markdown)
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+\.)\s+/gm, "")
    .replace(/[*_`~]+/g, "");
}
