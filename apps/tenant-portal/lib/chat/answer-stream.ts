import type { Answer, Kept } from "@openhouse/db/queries/answers";
import { logError } from "@openhouse/web/database-unavailable";
import { waitUntil } from "@openhouse/web/pending-work";
import { createUIMessageStream } from "ai";
import type { AnswerJob, Chunk } from "./answer-job.ts";
import type { ChatMessage } from "./chat-message.ts";
import { ERROR_TEXT } from "./model-error.ts";
import type { FirstLookup } from "./prompt.ts";
import { relayModel } from "./relay-model.ts";
import { saveWithRetry } from "./save-with-retry.ts";
import { SEARCH_TOOL } from "./search-documents.ts";
import { sourceParts } from "./ui-messages.ts";

const ROUTE = "/api/chat";

/**
 * Streams an answer and stores it when it ends, however it ends: whole, stopped by its reader, or failed. Between the
 * question's being stored and that moment it holds no connection. `finish` is sent once the answer is stored. Shutdown
 * waits for all of it, also where nobody reads on.
 */
export function answerStream(job: AnswerJob): ReadableStream<Chunk> {
  return createUIMessageStream<ChatMessage>({
    execute: ({ writer }) => waitUntil(makeAnswer(job, (chunk) => writer.write(chunk))),
    onError: () => ERROR_TEXT.failed,
  });
}

async function makeAnswer(job: AnswerJob, write: (chunk: Chunk) => void): Promise<void> {
  const { answerId, replyToId, assistant, lookup, underWay } = job;
  write({ type: "start", messageId: answerId, messageMetadata: { assistant: assistant.label } });
  for (const chunk of lookupChunks(lookup)) write(chunk);
  const { text, lookups, ending } = await relayModel(job, write);
  const status = ending === "complete" ? "complete" : "aborted";
  const kept = await keep(job, { id: answerId, replyToId, body: text, status, lookups });
  // Before the reader is told: a question that comes again at once must not meet its own answer here.
  underWay.over(kept === "lost" ? "lost" : "settled");
  if (kept === "stored") job.onKept();
  const trouble = KEPT_TROUBLE[kept] ?? ENDING_TROUBLE[ending];
  if (trouble !== undefined) write({ type: "error", errorText: trouble });
  else write({ type: "finish", messageMetadata: { status } });
}

const ENDING_TROUBLE = {
  failed: ERROR_TEXT.failed,
  silent: ERROR_TEXT.silent,
  nothing: ERROR_TEXT.nothing,
} as Partial<Record<string, string>>;
const KEPT_TROUBLE: Partial<Record<Kept | "lost", string>> = {
  lost: ERROR_TEXT.notKept,
  superseded: ERROR_TEXT.superseded,
  question_gone: ERROR_TEXT.gone,
};

async function keep({ db }: AnswerJob, answer: Answer): Promise<Kept | "lost"> {
  try {
    return await saveWithRetry(db, answer);
  } catch (error) {
    logError({ error, route: ROUTE });
    return "lost";
  }
}

/** The first lookup and its sources, which stand before the text. */
function lookupChunks({ id: toolCallId, input, output }: FirstLookup): Chunk[] {
  return [
    { type: "tool-input-available", toolCallId, toolName: SEARCH_TOOL, input },
    { type: "tool-output-available", toolCallId, output },
    ...sourceParts(input.query, output.passages),
  ];
}
