import { setTimeout as sleep } from "node:timers/promises";
import { isUnsent } from "../errors/unsent.ts";

/** First and longest wait before a statement is sent again, in milliseconds. Connections are opened with a backoff of their own. */
const FIRST_BACKOFF_MS = 10;
const LONGEST_BACKOFF_MS = 250;

/**
 * Lets `work` have another connection, and send anew, for as long as a pooler says that it has sent nothing on: its server is away,
 * or has no connection free. Whoever asks the server itself would wait for a connection meanwhile, and so does whoever asks here.
 *
 * @param limitMs how long a caller waits for a connection, in milliseconds; the first one included. 0: `work` runs once.
 * @param work must have sent nothing else on the connection that fails. It is given how long it may wait for the next one, and none
 * where it asks for the first.
 * @throws what the last run has thrown.
 */
export async function resendUnsent<T>(
  limitMs: number,
  work: (timeoutMs: number | undefined) => Promise<T>,
  signal?: AbortSignal | undefined,
): Promise<T> {
  const untilMs = performance.now() + limitMs;
  let timeoutMs: number | undefined;
  for (let failures = 0; ; failures++) {
    try {
      return await work(timeoutMs);
    } catch (error) {
      timeoutMs = await pauseToResend(error, failures, untilMs, signal);
    }
  }
}

/**
 * Waits until a statement may be sent again that a pooler has not sent on.
 *
 * @param failures how often it has failed before.
 * @param untilMs when its caller gives up, on the clock of `performance.now()`.
 * @returns how long it may wait for its next connection, in milliseconds.
 * @throws `error` itself, where the statement may have been sent, or there is no time left.
 */
export async function pauseToResend(
  error: unknown,
  failures: number,
  untilMs: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (!isUnsent(error)) throw error;
  const ceilingMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
  const pauseMs = Math.random() * ceilingMs;
  const timeoutMs = Math.floor(untilMs - performance.now() - pauseMs);
  if (timeoutMs <= 0) throw error;
  await sleep(pauseMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  if (signal?.aborted) throw error;
  return timeoutMs;
}
