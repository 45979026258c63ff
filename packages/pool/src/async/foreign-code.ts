import { errorMonitor } from "node:events";
import { isPromise } from "node:util/types";
import { isError } from "./is-error.ts";

/** Code that throws is told of so often at most, in milliseconds: a logger may be asked a thousand times a second. */
const WARNING_EVERY_MS = 60_000;
const FRAMES_TOLD = 3;

type Code = (...values: never[]) => unknown;

/** What is needed of an `EventEmitter`, whatever its events. */
interface Emitter {
  listenerCount(event: never): number;
  rawListeners(event: never): unknown[];
}

const warnedAtMs = new Map<string, number>();

/**
 * Calls code of others that may refuse by throwing: a hook, a listener that makes a connection fit for use. What it throws is for
 * whoever has called it. A promise that rejects comes too late for that, and becomes a warning of the process.
 *
 * @param who names it in the warning.
 */
export function callGatekeeper(who: string, code: Code, self: unknown, values: readonly unknown[]): void {
  const outcome: unknown = Reflect.apply(code, self, values);
  if (isPromise(outcome)) outcome.catch((error: unknown) => warnOfThrown(who, error));
}

/**
 * Calls code of others that only looks on: a listener, a logger. Nobody waits for it, and it stops nothing: what it throws, at
 * once or as a promise, becomes a warning of the process.
 */
export function callOnlooker(who: string, code: Code, self: unknown, values: readonly unknown[]): void {
  try {
    callGatekeeper(who, code, self, values);
  } catch (error) {
    warnOfThrown(who, error);
  }
}

/**
 * Does what `emit` does; but listeners that look on hear of the event also where one in front of them throws.
 *
 * @throws what a gatekeeper throws.
 */
export function tellListeners(
  emitter: Emitter,
  event: unknown,
  values: readonly unknown[],
  call = callOnlooker,
): boolean {
  if (event === "error") tellListeners(emitter, errorMonitor, values);
  if (emitter.listenerCount(event as never) === 0) return false;
  for (const listener of emitter.rawListeners(event as never))
    call(`a listener of '${String(event)}'`, listener as Code, emitter, values);
  return true;
}

/**
 * Calls the callback of somebody who waits. What it throws is for the process to hear, as with pg; but not where it was called
 * from, in the middle of an answer, or of handing out connections.
 */
export function callBack(code: () => void): void {
  try {
    code();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

/** Says where and what, not its message: that may hold values of rows. @param who threw. */
export function warnOfThrown(who: string, error: unknown): void {
  const nowMs = performance.now();
  if (nowMs - (warnedAtMs.get(who) ?? Number.NEGATIVE_INFINITY) < WARNING_EVERY_MS) return;
  warnedAtMs.set(who, nowMs);
  const { name, code, stack } = isError(error) ? (error as NodeJS.ErrnoException) : {};
  const frames = stack?.split("\n").filter((line) => /^ +at /.test(line)) ?? [];
  process.emitWarning(
    `${who} has thrown ${name ?? typeof error}${code === undefined ? "" : ` (${code})`}; the pool goes on`,
    { type: "PoolWarning", code: "POOL_CODE_THREW", detail: frames.slice(0, FRAMES_TOLD).join("\n") },
  );
}
