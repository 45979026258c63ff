/** What a reader is told where an answer fails. What was said so far stays on the page, and is stored. */
export const ERROR_TEXT = {
  failed: "The assistant cannot go on right now. Please try again.",
  silent: "The assistant has not answered in time. Please try again.",
  nothing: "The assistant had nothing to say. Please put your question in other words.",
  not_saved: "The answer is complete, but could not be saved. Please try again.",
  superseded: "Your question was answered elsewhere in the meantime. Please load the page again.",
  thread_deleted: "This conversation was deleted in the meantime.",
} as const;

/** Why an answer failed: the stream's part `data-error` carries it to the page. */
export type ChatErrorCode = keyof typeof ERROR_TEXT;

/** The stream comes from outside: a page may be older than the portal that answers it. */
export function isChatErrorCode(code: unknown): code is ChatErrorCode {
  return typeof code === "string" && Object.hasOwn(ERROR_TEXT, code);
}
