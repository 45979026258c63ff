import { callBack } from "./foreign-code.ts";
import { isError } from "./is-error.ts";

/** The signal of a statement's configuration, if it has one. */
export function signalOf(config: unknown): AbortSignal | undefined {
  if (typeof config !== "object" || config === null || !("signal" in config)) return undefined;
  return isSignal(config.signal) ? config.signal : undefined;
}

/** By what it can do: one of another realm, or a polyfill's, is no `AbortSignal` of ours. */
function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === "object" &&
    value !== null &&
    "aborted" in value &&
    "addEventListener" in value &&
    typeof value.addEventListener === "function"
  );
}

interface Watch {
  readonly listeners: Set<() => void>;
  readonly tellAll: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/**
 * Calls `listener` when the signal aborts. However many there are, the signal has one listener of ours: Node warns of a
 * leak from the eleventh on, and one signal may well end a thousand statements.
 *
 * @returns what takes `listener` off again.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const { listeners, tellAll } = watches.get(signal) ?? watch(signal);
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    signal.removeEventListener("abort", tellAll);
    watches.delete(signal);
  };
}

function watch(signal: AbortSignal): Watch {
  const listeners = new Set<() => void>();
  const tellAll = () => {
    // As with listeners of their own: the others are told all the same.
    for (const listener of listeners) callBack(listener);
  };
  const made = { listeners, tellAll };
  watches.set(signal, made);
  signal.addEventListener("abort", tellAll, { once: true });
  return made;
}

/** Why a signal was aborted, as an error. @param signal one that has been aborted. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  if (isError(reason)) return reason;
  return Object.assign(new Error("the caller gave up", { cause: reason }), { name: "AbortError" });
}
