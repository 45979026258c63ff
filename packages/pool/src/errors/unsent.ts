import { classifyError } from "./classify.ts";
import { isPoolersWord } from "./pooler-messages.ts";

/** Whether a pooler has ended the connection, and by its own word has sent nothing of the statement on that it may send later. */
export function isUnsent(error: unknown): boolean {
  return isPoolersWord(error) && classifyError(error).retry === "not_sent";
}

/**
 * Whether a pooler has ended the connection with a statement under way, and the server may have executed it. What a server has
 * refused its pooler's sign-in with, newer PgBouncers tell to clients that wait.
 */
export function isPoolersDoubt(error: unknown): boolean {
  return isPoolersWord(error) && !isUnsent(error) && classifyError(error).kind !== "auth";
}
