import type { UIMessageChunk } from "ai";
import { type ChatErrorCode, ERROR_TEXT, isChatErrorCode } from "../../../lib/chat/error-text.ts";

/** Why an answer that had begun did not come to its end. */
export class AnswerFailedError extends Error {
  readonly code: ChatErrorCode;

  constructor(code: ChatErrorCode) {
    super(ERROR_TEXT[code]);
    this.name = "AnswerFailedError";
    this.code = code;
  }
}

/** Ends a stream with an `AnswerFailedError` where it says so; the `error` that follows for other readers has no code. */
export function failWithCode(): TransformStream<UIMessageChunk, UIMessageChunk> {
  return new TransformStream({
    transform(chunk, controller) {
      const code = chunk.type === "data-error" ? codeOf(chunk.data) : undefined;
      if (isChatErrorCode(code)) controller.error(new AnswerFailedError(code));
      else controller.enqueue(chunk);
    },
  });
}

function codeOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "code" in data ? data.code : undefined;
}
