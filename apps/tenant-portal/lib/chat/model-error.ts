import { log } from "@openhouse/web/log";
import { APICallError } from "ai";

/** What a reader is told. What was said so far stays on the page, and is stored. */
export const ERROR_TEXT = {
  failed: "The assistant cannot go on right now. Please try again.",
  silent: "The assistant has not answered in time. Please try again.",
  nothing: "The assistant had nothing to say. Please put your question in other words.",
  notKept: "The answer is complete, but could not be saved. Please try again.",
  superseded: "Your question was answered elsewhere in the meantime. Please load the page again.",
  gone: "This conversation was deleted in the meantime.",
} as const;

/**
 * Logs why a model failed: what kind of error, and the status of its answer. Not its message, nor what was sent or
 * received: those hold the homeowner's words, and may hold the key.
 */
export function logModelError(error: unknown, model: string): void {
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  log.error("chat.model_trouble", {
    model,
    error: error instanceof Error ? error.name : typeof error,
    ...(status !== undefined && { status }),
    ...(cause !== undefined && "code" in cause && { code: String(cause.code) }),
  });
}
