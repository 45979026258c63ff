import { type ChatTransport, DefaultChatTransport, type UIMessageChunk } from "ai";
import type { ChatMessage, ChatRequest } from "../../../lib/chat/chat-message.ts";
import { failWithCode } from "./answer-failed.ts";
import { readRefusal } from "./chat-refused.ts";
import { textOf } from "./message-text.ts";

/** How often an answer that another request is still making is asked for again. */
const TRIES_WHILE_UNDER_WAY = 15;
const USUAL_WAIT_MS = 1_000;

/**
 * Sends the last question with the id that it was given when it was typed, so that asking again is the same question
 * to the server. A refusal becomes a `ChatRefusedError`, a failure on the way an `AnswerFailedError`.
 *
 * @param onKept called when the server has kept the question and begins to answer it.
 */
export function chatTransport(onKept: () => void): ChatTransport<ChatMessage> {
  return new Transport({
    api: "/api/chat",
    async fetch(address, init) {
      const answer = await fetchAnswer(address, init);
      onKept();
      return answer;
    },
    prepareSendMessagesRequest({ id, messages }) {
      const question = messages.findLast(({ role }) => role === "user");
      if (question === undefined) throw new Error("there is no question to send");
      // An answer was seen, so the conversation is stored; where it is gone now, it must not begin anew.
      const existing = messages.some(({ role }) => role === "assistant");
      const replaces = question.metadata?.replaces;
      const message = { id: question.id, text: textOf(question) };
      const body: ChatRequest = { id, message, existing, ...(replaces !== undefined && { replaces }) };
      return { body };
    },
  });
}

class Transport extends DefaultChatTransport<ChatMessage> {
  protected override processResponseStream(
    stream: ReadableStream<Uint8Array>,
  ): ReadableStream<UIMessageChunk> {
    return super.processResponseStream(stream).pipeThrough(failWithCode());
  }
}

async function fetchAnswer(address: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(address, init);
    if (response.ok) return response;
    const refusal = await readRefusal(response);
    // The server takes a moment to notice that the first request is gone; then it answers.
    if (refusal.code !== "answer_under_way" || tries === TRIES_WHILE_UNDER_WAY) throw refusal;
    await wait(refusal.retryAfterMs ?? USUAL_WAIT_MS, init?.signal);
  }
}

/** @throws the signal's reason as soon as it is aborted. */
function wait(timeMs: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, timeMs);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
