import { isError } from "./is-error.ts";

/** Why a signal was aborted, as an error. @param signal one that has been aborted. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return isError(reason) ? reason : new Error("the caller gave up", { cause: reason });
}
