import { GRACE_MS, LATE_MS, timerMs } from "./timer.ts";

/**
 * Settles as `work` does, or rejects with what `onTimeout` makes. Leaves no timer behind; `work` itself goes on. Where the event
 * loop was blocked meanwhile, `work` has a moment more, as its answer may have arrived and is read after the timers.
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
  const dueAtMs = performance.now() + timeoutMs;
  const timedOut = new Promise<never>((_resolve, reject) => {
    const wait = (delayMs: number, onDue: () => void) => {
      timer = setTimeout(onDue, delayMs);
      if (!keepsProcess) timer.unref();
    };
    const expire = () => reject(onTimeout());
    wait(timerMs(timeoutMs), () =>
      performance.now() - dueAtMs > LATE_MS ? wait(GRACE_MS, expire) : expire(),
    );
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}
