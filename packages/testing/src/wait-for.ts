/** How long to wait, and for what. */
export interface WaitOptions {
  /** Milliseconds after which the wait fails. @default 5000 */
  timeoutMs?: number;
  /** Milliseconds between two looks. @default 10 */
  intervalMs?: number;
  /** What is waited for, as it reads in the error: "the server to accept connections". */
  what: string;
}

type Falsy = false | 0 | "" | null | undefined;

/**
 * Waits until `condition` gives something truthy, and returns that. A condition that throws is
 * looked at again; its last error becomes the `cause` when time is up.
 *
 * @throws {Error} `what` did not come within `timeoutMs`.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 10, what }: WaitOptions,
): Promise<Exclude<T, Falsy>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await condition();
      if (isTruthy(value)) return value;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) {
      const options = failure === undefined ? undefined : { cause: failure };
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`, options);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

function isTruthy<T>(value: T): value is Exclude<T, Falsy> {
  return Boolean(value);
}
