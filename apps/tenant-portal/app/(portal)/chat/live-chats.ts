import { Chat } from "@ai-sdk/react";
import type { ChatMessage } from "../../../lib/chat/chat-message.ts";
import { chatTransport } from "./chat-transport.ts";
import { type ChatsPlace, useLiveChatsPlace } from "./live-chats-provider.tsx";
import { openingWords } from "./message-text.ts";
import type { ThreadEdits, ThreadItem } from "./optimistic-threads.ts";

export type LiveChat = Chat<ChatMessage>;

/** A conversation as the server sent it; `version` differs with each time it was asked. */
export interface LoadedConversation {
  version: string;
  messages: ChatMessage[];
}

/**
 * Keeps conversations alive while the homeowner is elsewhere in the portal: an answer goes on while they read its
 * source, and is there when they come back.
 */
class LiveChats {
  readonly #chats = new Map<string, LiveChat>();
  readonly #seen = new Set<string>();
  readonly #onMessage: (item: ThreadItem) => void;

  /** @param onMessage called for each question that the server has kept, whichever page is shown by then. */
  constructor(onMessage: (item: ThreadItem) => void) {
    this.#onMessage = onMessage;
  }

  /**
   * The conversation's live state. A version that comes for the second time was kept by the browser for the way back
   * and may be older than what is known here; a new one is what the server knows and replaces it, unless an answer is
   * under way, a question could not be sent, or more was said here while the server's was on its way.
   */
  open(id: string, loaded?: LoadedConversation): LiveChat {
    const known = this.#chats.get(id);
    const fresh = loaded !== undefined && !this.#seen.has(loaded.version);
    if (loaded !== undefined) this.#seen.add(loaded.version);
    if (known !== undefined && (!fresh || isAhead(known, loaded))) return known;
    const transport = chatTransport(() => {
      this.#onMessage({ id, title: openingWords(chat.messages), lastMessageAtMs: Date.now() });
    });
    const chat = new Chat<ChatMessage>({ id, messages: loaded?.messages ?? [], transport });
    this.#chats.set(id, chat);
    return chat;
  }

  /** Whether something was asked in it, kept or not. */
  isBegun(id: string): boolean {
    return (this.#chats.get(id)?.messages.length ?? 0) > 0;
  }

  async stop(id: string): Promise<void> {
    await this.#chats.get(id)?.stop();
  }

  forget(id: string): void {
    this.#chats.delete(id);
  }

  stopAll(): void {
    for (const chat of this.#chats.values()) void chat.stop();
  }
}

export function isBusy({ status }: Pick<LiveChat, "status">): boolean {
  return status === "submitted" || status === "streaming";
}

function isAhead(known: LiveChat, { messages }: LoadedConversation): boolean {
  return isBusy(known) || known.status === "error" || known.messages.length > messages.length;
}

interface LiveChatsOfPortal {
  chats: LiveChats;
  edits: ThreadEdits;
  renamed(id: string, title: string): void;
  deleted(id: string): void;
}

const CHATS = new WeakMap<ChatsPlace, LiveChats>();

/** The conversations that this page and those before it have begun or opened. */
export function useLiveChats(): LiveChatsOfPortal {
  const { place, asked, ...rest } = useLiveChatsPlace();
  const chats = CHATS.get(place) ?? new LiveChats(asked);
  CHATS.set(place, chats);
  place.chats = chats;
  return { chats, ...rest };
}
