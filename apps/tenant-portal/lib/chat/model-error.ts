import { portalLog } from "@openhouse/web/log";
import { APICallError } from "ai";

export type LogEvent = "chat.model_failed";

const log = portalLog<LogEvent>();

/**
 * Logs why a model failed: what kind of error, and the status of its answer. Not its message, nor what was sent or
 * received: those hold the homeowner's words, and may hold the key.
 */
export function logModelError(error: unknown, model: string): void {
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  log.error("chat.model_failed", {
    model,
    error: error instanceof Error ? error.name : typeof error,
    ...(status !== undefined && { status }),
    ...(cause !== undefined && "code" in cause && { code: String(cause.code) }),
  });
}
