"use client";

import { useChat } from "@ai-sdk/react";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { AssistantKind } from "../../../lib/chat/assistant-kind.ts";
import { MOST_REPLACED } from "../../../lib/chat/limits.ts";
import { Announcer } from "./announcer.tsx";
import { ChatError } from "./chat-error.tsx";
import { ChatRefusedError } from "./chat-refused.ts";
import { Composer } from "./composer.tsx";
import { ConversationGone } from "./conversation-gone.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import { moveDraft, writeDraft } from "./drafts.ts";
import { isBusy, type LoadedConversation, useLiveChats } from "./live-chats.ts";
import { MessageList } from "./message-list.tsx";
import { openingWords, textOf } from "./message-text.ts";
import { useThreads } from "./threads.tsx";
import { useAddress } from "./use-address.ts";
import { useRetry } from "./use-retry.ts";

/** Often enough to be seen growing, seldom enough for a slow phone. */
const RENDER_EVERY_MS = 60;

const currentInstant = () => new Date().toISOString();

interface ConversationProps {
  id: string;
  /** As the server has it; null for a conversation that is only beginning. */
  title: string | null;
  loaded?: LoadedConversation;
  assistant: AssistantKind;
  /** Where it is shown from further back; null where all of it is shown. */
  earlierHref?: string | null;
  /** A question that was begun elsewhere in the portal. */
  prefilled?: string;
  /** What a conversation without messages shows. */
  welcome?: (ask: (question: string) => void) => ReactNode;
}

/** A conversation: its title, what was said, and where the next question is typed. */
export function Conversation({
  id,
  title,
  loaded,
  assistant,
  earlierHref = null,
  prefilled = "",
  welcome,
}: ConversationProps) {
  const { chats, edits } = useLiveChats();
  const chat = useMemo(() => chats.open(id, loaded), [chats, id, loaded]);
  const { messages, status, error, sendMessage, setMessages, regenerate, stop } = useChat({
    chat,
    throttle: RENDER_EVERY_MS,
  });
  const { threads, homeownerId } = useThreads();
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
    return send(() => sendMessage({ text, metadata: { at: currentInstant() } }));
  };
  const askInstead = (text: string) => {
    const at = messages.findLastIndex(({ role }) => role === "user");
    const old = messages[at];
    if (old === undefined) return;
    const replaces = [old.id, ...(old.metadata?.replaces ?? [])].slice(0, MOST_REPLACED);
    composer.current?.focus({ preventScroll: true });
    send(() => {
      setMessages(messages.slice(0, at));
      return sendMessage({ text, metadata: { at: currentInstant(), replaces } });
    });
  };
  const again = () => {
    composer.current?.focus({ preventScroll: true });
    send(() => regenerate());
  };
  const secondsLeft = useRetry(error, status === "ready", () => send(() => regenerate()));

  const isKept = thread !== undefined || title !== null;
  const draftPlace = useMemo(
    () => ({ homeownerId, threadId: isKept ? id : null }),
    [homeownerId, isKept, id],
  );
  const isBeginning = useRef(!isKept);
  useEffect(() => {
    if (!isKept || !isBeginning.current) return;
    isBeginning.current = false;
    moveDraft({ homeownerId, threadId: id });
  }, [homeownerId, isKept, id]);
  useEffect(() => {
    // Whoever has to sign in again finds what they asked in the field.
    const isSignedOut = error instanceof ChatRefusedError && error.status === 401;
    const asked = chat.messages.findLast(({ role }) => role === "user");
    if (isSignedOut && asked !== undefined) writeDraft(draftPlace, textOf(asked));
  }, [error, draftPlace, chat]);

  if (edits.deleted.has(id)) return <ConversationGone />;
  return (
    <div className="flex min-h-0 min-w-0 flex-col lg:pl-8">
      <ConversationHeader id={id} title={messages.length > 0 ? shownTitle : null} />
      <MessageList
        messages={messages}
        busy={busy}
        onAgain={error === undefined ? again : undefined}
        onEdit={askInstead}
        earlierHref={earlierHref}
      >
        {messages.length === 0 && welcome?.(ask)}
      </MessageList>
      {error !== undefined && (
        <ChatError
          error={error}
          secondsLeft={secondsLeft}
          path={isKept ? `/chat/${id}` : "/chat"}
          onAgain={again}
        />
      )}
      <Composer
        ref={composer}
        busy={busy}
        assistant={assistant}
        draftPlace={draftPlace}
        prefilled={prefilled}
        onAsk={ask}
        onStop={() => void stop()}
      />
      <Announcer messages={messages} status={status} />
    </div>
  );
}
