import { waitFor } from "@openhouse/pool-testing";

export interface Settled<T> {
  /** "done", "hangs", or the error's name. */
  readonly end: string;
  readonly value?: T;
  readonly error?: unknown;
  readonly tookMs: number;
}

/** How `work` ends, or that it has not after `limitMs`. */
export async function settle<T>(work: Promise<T>, limitMs: number): Promise<Settled<T>> {
  const startedAtMs = performance.now();
  const tookMs = () => performance.now() - startedAtMs;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Settled<T>>((resolve) => {
    timer = setTimeout(() => resolve({ end: "hangs", tookMs: tookMs() }), limitMs);
  });
  const end = work.then(
    (value): Settled<T> => ({ end: "done", value, tookMs: tookMs() }),
    (error: unknown): Settled<T> => ({ end: nameOf(error), error, tookMs: tookMs() }),
  );
  const settled = await Promise.race([end, limit]);
  clearTimeout(timer);
  return settled;
}

/** Whether a condition comes true in time. */
export function becomes(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  return waitFor(condition, { timeoutMs, what: "it" }).catch(() => false);
}

export function nameOf(error: unknown): string {
  return error === undefined ? "none" : innermost(error).constructor.name;
}

/** Our error or the driver's, from under what Drizzle wraps around it. */
export function innermost(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const isWrapped = error.name === "Error" || error.name === "DrizzleQueryError";
  return isWrapped && error.cause instanceof Error ? error.cause : error;
}

/** Whether an error says that it is known what the server has done. */
export function outcomeKnown(error: unknown): boolean {
  const inner = innermost(error);
  return "outcomeKnown" in inner && inner.outcomeKnown === true;
}

/** Facts that several have in common are told once. */
export function distinct(facts: readonly string[]): string {
  return [...new Set(facts)].sort().join(", ") || "none";
}
