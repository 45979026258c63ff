import type { Database } from "@openhouse/db/client";
import type { InferUIMessageChunk, ModelMessage } from "ai";
import type { AnswerUnderWay } from "./answers-under-way.ts";
import type { Assistant } from "./assistant.ts";
import type { ChatMessage, ChatTools } from "./chat-message.ts";
import type { FirstLookup } from "./prompt.ts";

export type Chunk = InferUIMessageChunk<ChatMessage>;

/** An answer to be made. */
export interface AnswerJob {
  db: Database;
  answerId: string;
  /** The stored question's. */
  replyToId: string;
  assistant: Assistant;
  question: string;
  prompt: ModelMessage[];
  lookup: FirstLookup;
  search: (query: string) => Promise<ChatTools["searchDocuments"]["output"]>;
  underWay: AnswerUnderWay;
  /** The reader's leaving. */
  signal: AbortSignal;
  /** Called once the answer is stored. */
  onKept: () => void;
}
