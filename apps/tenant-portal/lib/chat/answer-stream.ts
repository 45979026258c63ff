import type { Answer, Kept } from "@openhouse/db/queries/answers";
import { logError } from "@openhouse/web/log-error";
import { waitUntil } from "@openhouse/web/pending-work";
import type { AnswerJob, Chunk } from "./answer-job.ts";
import { type ChatErrorCode, ERROR_TEXT } from "./error-text.ts";
import { eventStreamResponse, type Write } from "./event-stream.ts";
import { isNothingKnown } from "./nothing-known.ts";
import type { FirstLookup } from "./prompt.ts";
import { relayModel, type Said } from "./relay-model.ts";
import { saveWithRetry } from "./save-with-retry.ts";
import { SEARCH_TOOL } from "./search-documents.ts";
import { sourceParts } from "./ui-messages.ts";

const ROUTE = "/api/chat";

/**
 * Streams an answer and stores it when it ends, however it ends: whole, stopped by its reader, or failed. Between the
 * question's being stored and that moment it holds no connection. `finish` is sent once the answer is stored. Shutdown
 * waits for all of it, also where nobody reads on.
 */
export function answerStream(job: AnswerJob): Response {
  return eventStreamResponse((write) => waitUntil(makeAnswer(job, write)));
}

async function makeAnswer(job: AnswerJob, write: Write): Promise<void> {
  const { answerId, replyToId, assistant, lookup, underWay } = job;
  const at = new Date().toISOString();
  write({ type: "start", messageId: answerId, messageMetadata: { assistant: assistant.label, at } });
  for (const chunk of lookupChunks(lookup)) write(chunk);
  const said = await relayModel(job, write);
  const { text, lookups, ending } = said;
  const status = ending === "complete" ? "complete" : "aborted";
  const nothingKnown = isNothingKnown(job, said);
  const kept = await keep(job, { id: answerId, replyToId, body: text, status, lookups, nothingKnown });
  // Before the reader is told: a question that comes again at once must not meet its own answer here.
  underWay.over(kept === "lost" ? "lost" : "settled");
  if (kept === "stored") job.onKept();
  const code = SAVE_ERROR[kept] ?? ENDING_ERROR[ending];
  if (code === null) return write({ type: "finish", messageMetadata: { status } });
  write({ type: "data-error", data: { code }, transient: true });
  // For readers who know the protocol and not this portal.
  write({ type: "error", errorText: ERROR_TEXT[code] });
}

const ENDING_ERROR = {
  complete: null,
  left: null,
  failed: "failed",
  silent: "silent",
  nothing: "nothing",
} as const satisfies Record<Said["ending"], ChatErrorCode | null>;

const SAVE_ERROR = {
  stored: null,
  lost: "not_saved",
  superseded: "superseded",
  question_gone: "thread_deleted",
} as const satisfies Record<Kept | "lost", ChatErrorCode | null>;

async function keep({ db }: AnswerJob, answer: Answer): Promise<Kept | "lost"> {
  try {
    return await saveWithRetry(db, answer);
  } catch (error) {
    logError(error, { route: ROUTE });
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
