"use client";

import { usePathname } from "next/navigation";
import { useEffect, useState } from "react";
import type { AssistantKind } from "../../../lib/chat/assistant-kind.ts";
import { Conversation } from "./conversation.tsx";
import { useLiveChats } from "./live-chats.ts";
import { pressedLink } from "./pressed-link.ts";
import { newThreadId, threadIdIn } from "./thread-id.ts";
import { Welcome } from "./welcome.tsx";

interface NewConversationProps {
  assistant: AssistantKind;
  developmentName: string;
  suggestions: readonly string[];
  /** What stands in the field to begin with. */
  question: string;
}

/**
 * A conversation that gets its id here and its address with the first answer, without the page being loaded again. Whoever then asks
 * for a new one is at `/chat` once more, and gets another id.
 */
export function NewConversation({ assistant, developmentName, suggestions, question }: NewConversationProps) {
  const named = threadIdIn(usePathname());
  const [id, setId] = useState(() => named ?? newThreadId());
  const [firstId] = useState(id);
  const [begun, setBegun] = useState(named !== null);
  if (!begun && named === id) setBegun(true);
  if (begun && named === null) {
    setBegun(false);
    setId(newThreadId());
  }

  // The router does not tell of a way to `/chat` before the conversation has its address, nor while it is only learning of that.
  const { chats } = useLiveChats();
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      // What is typed where nothing was asked yet stays.
      if (pressedLink(event)?.pathname !== "/chat" || !chats.isBegun(id)) return;
      setBegun(false);
      setId(newThreadId());
    };
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, [chats, id]);

  return (
    <Conversation
      key={id}
      id={id}
      title={null}
      assistant={assistant}
      prefilled={id === firstId ? question : ""}
      welcome={(ask) => (
        <Welcome
          assistant={assistant}
          developmentName={developmentName}
          suggestions={suggestions}
          onAsk={ask}
        />
      )}
    />
  );
}
