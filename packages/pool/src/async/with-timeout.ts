import { timerMs } from "./timer.ts";

/**
 * Settles as `work` does, or rejects with what `onTimeout` makes. Leaves no timer behind; `work` itself goes on.
 *
 * @param timeoutMs how long to wait, in milliseconds.
 * @param keepsProcess whether the process goes on for as long as the wait does, though it has nothing else to do.
 */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  onTimeout: () => Error,
  { keepsProcess = true } = {},
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), timerMs(timeoutMs));
    if (!keepsProcess) timer.unref();
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
