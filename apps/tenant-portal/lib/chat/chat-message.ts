import type { UIMessage } from "ai";
import type { ChatErrorCode } from "./error-text.ts";

/** A passage of a document that was found for a question. */
export interface Passage {
  documentId: string;
  title: string;
  heading: string | null;
  /** Its place within the document, from 0. */
  position: number;
  excerpt: string;
}

/** The assistant's tools, as a page sees them. */
export type ChatTools = {
  searchDocuments: { input: { query: string }; output: { passages: Passage[] } };
};

/** What a stream says beside the message itself. */
type ChatData = { error: { code: ChatErrorCode } };

export interface ChatMetadata {
  /** Of a stored message. An answer in the making has none; one that its reader stopped is `aborted`. */
  status?: "complete" | "aborted";
  /** Who answers, for the page to say so: "local extractive assistant", or the model's name. */
  assistant?: string;
  /** When it was asked, or began to be answered, as an ISO 8601 instant; of a stored one, when it was stored. */
  at?: string;
  /** Of a question on its way: see `ChatRequest`. */
  replaces?: readonly string[];
}

/** A message as the chat page and `POST /api/chat` exchange it. Types only: client components import this. */
export type ChatMessage = UIMessage<ChatMetadata, ChatData, ChatTools>;

/** The body of `POST /api/chat`. */
export interface ChatRequest {
  /** The thread's UUID, chosen by the page for a new thread. */
  id: string;
  message: {
    /** 1 to 64 of `A-Z a-z 0-9 _ -`. Sending it again doubles nothing. */
    id: string;
    /** 1 to 4,000 characters. */
    text: string;
  };
  /**
   * Ids of the question that this one takes the place of, and of those that it has taken the place of in vain: 1 to 10. The
   * thread's last question goes with its answer where it is one of them; 409 where it was asked, and another since.
   */
  replaces?: readonly string[];
  /** The page shows this thread already: 404 where it is gone, instead of a new one under its id. @default false */
  existing?: boolean;
}
