"use client";

import { useChat } from "@ai-sdk/react";
import { type ReactNode, useMemo, useRef } from "react";
import type { AssistantKind } from "../../../lib/chat/assistant-kind.ts";
import { Announcer } from "./announcer.tsx";
import { ChatError } from "./chat-error.tsx";
import { Composer } from "./composer.tsx";
import { ConversationGone } from "./conversation-gone.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import { isBusy, type LoadedConversation, useLiveChats } from "./live-chats.tsx";
import { MessageList } from "./message-list.tsx";
import { openingWords } from "./message-text.ts";
import { useThreads } from "./threads.tsx";
import { useAddress } from "./use-address.ts";
import { useRetry } from "./use-retry.ts";

/** Often enough to be seen growing, seldom enough for a slow phone. */
const RENDER_EVERY_MS = 60;

interface ConversationProps {
  id: string;
  /** As the server has it; null for a conversation that is only beginning. */
  title: string | null;
  loaded?: LoadedConversation;
  assistant: AssistantKind;
  /** What a conversation without messages shows. */
  welcome?: (ask: (question: string) => void) => ReactNode;
}

/** A conversation: its title, what was said, and where the next question is typed. */
export function Conversation({ id, title, loaded, assistant, welcome }: ConversationProps) {
  const { chats, edits } = useLiveChats();
  const chat = useMemo(() => chats.open(id, loaded), [chats, id, loaded]);
  const { messages, status, error, sendMessage, regenerate, stop } = useChat({
    chat,
    throttle: RENDER_EVERY_MS,
  });
  const { threads } = useThreads();
  const composer = useRef<HTMLTextAreaElement>(null);
  const busy = isBusy({ status });

  const thread = threads.find((each) => each.id === id);
  const shownTitle = thread?.title ?? title ?? openingWords(messages);

  useAddress(id, thread !== undefined);

  // Looked at as it is now, not as it was at the last render: of two presses on a button the second finds an answer under way.
  const sending = useRef(false);
  const send = (work: () => Promise<void>): boolean => {
    if (sending.current || isBusy(chat)) return false;
    sending.current = true;
    void work().finally(() => {
      sending.current = false;
    });
    return true;
  };
  const ask = (text: string) => {
    composer.current?.focus();
    return send(() => sendMessage({ text }));
  };
  const again = () => {
    composer.current?.focus({ preventScroll: true });
    send(() => regenerate());
  };
  const secondsLeft = useRetry(error, status === "ready", () => send(() => regenerate()));

  if (edits.deleted.has(id)) return <ConversationGone />;
  return (
    <div className="flex min-h-0 min-w-0 flex-col lg:pl-8">
      <ConversationHeader id={id} title={messages.length > 0 ? shownTitle : null} />
      <MessageList messages={messages} busy={busy} onAgain={error === undefined ? again : undefined}>
        {messages.length === 0 && welcome?.(ask)}
      </MessageList>
      {error !== undefined && <ChatError error={error} secondsLeft={secondsLeft} onAgain={again} />}
      <Composer ref={composer} busy={busy} assistant={assistant} onAsk={ask} onStop={() => void stop()} />
      <Announcer messages={messages} status={status} />
    </div>
  );
}
