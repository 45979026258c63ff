import { setTimeout as pause } from "node:timers/promises";
import { type Failure, failureOfError } from "./failure.ts";
import type { Operation } from "./recorder.ts";

/** What one attempt came to: the value its sender wanted, or why not. */
export type Outcome<T> = { readonly value: T } | { readonly failure: Failure };

/** Long enough for a restart of the database, and an end to what never comes. */
const MAX_ATTEMPTS = 15;

/**
 * Makes a request, counts it, and, where `retry` says so, makes it again when the server has asked for that
 * (`Retry-After`), at the time it has named, as a browser's page does. Nothing else is ever tried again.
 *
 * @param sinceMs the intended start.
 * @returns the value, or null where there is none in the end.
 */
export async function perform<T>(
  operation: Operation,
  { sinceMs, retry }: { sinceMs: number; retry: () => boolean },
  attempt: () => Promise<Outcome<T>>,
): Promise<T | null> {
  operation.begin();
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt().catch((error: unknown) => ({ failure: failureOfError(error) }));
    if ("value" in outcome) {
      operation.succeed(sinceMs, attempts);
      return outcome.value;
    }
    const { failure } = outcome;
    operation.fail(failure);
    if (!retry() || failure.retryAfterMs === undefined || attempts === MAX_ATTEMPTS) {
      operation.lose();
      return null;
    }
    await pause(failure.retryAfterMs);
  }
}
