import { warnOfThrown } from "../async/foreign-code.ts";
import { processGlobal } from "./process-global.ts";
import { type EndSignal, endBySignal, onSignals } from "./signals.ts";

/** open: serving · draining: finishing what is under way, health says so · closed: nothing is left. */
export type LifecycleState = "open" | "draining" | "closed";

interface Lifecycle {
  state: LifecycleState;
  /** Set when a framework shuts the process down itself and calls `closePool` at its proper time. */
  signalsTakenOver: boolean;
  /** What is to be closed, by what tells it from others. */
  readonly closes: Map<unknown, () => Promise<unknown>>;
  /** Set from when we listen to signals. */
  stopListening: (() => void) | undefined;
}

const lifecycle = /* @__PURE__ */ processGlobal<Lifecycle>("lifecycle", () => ({
  state: "open",
  signalsTakenOver: false,
  closes: new Map(),
  stopListening: undefined,
}));

export function lifecycleState(): LifecycleState {
  return lifecycle.state;
}

/** Says that the process is going: health answers 503 from now on, while work under way goes on. */
export function beginDraining(): void {
  if (lifecycle.state === "open") lifecycle.state = "draining";
}

export function markClosed(): void {
  lifecycle.state = "closed";
}

/** Serving again, with a new pool, after a close. */
export function markOpen(): void {
  lifecycle.state = "open";
}

/** Tells the database layer that somebody else acts on SIGTERM and SIGINT, and will call `closePool`. */
export function takeOverSignals(): void {
  lifecycle.signalsTakenOver = true;
  lifecycle.stopListening?.();
}

/**
 * Closes on the first SIGTERM or SIGINT, then lets the signal have its usual effect; a second one ends the process at once,
 * but within a second of the first it is the same one.
 * Each pool of a process may ask for it: all are closed side by side. Does nothing where {@link takeOverSignals} was called.
 *
 * @param close drains and closes; it must settle within a bound of its own.
 * @param key whoever asks again with the same one replaces what is called. @default `close` itself
 * @returns what takes `close` back.
 */
export function closeOnSignals(close: () => Promise<unknown>, key: unknown = close): () => void {
  if (lifecycle.signalsTakenOver) return () => {};
  lifecycle.closes.set(key, close);
  lifecycle.stopListening ??= onSignals(["SIGINT", "SIGTERM"], (signal) => void closeAllAndEnd(signal));
  return () => {
    if (lifecycle.closes.get(key) === close) lifecycle.closes.delete(key);
  };
}

async function closeAllAndEnd(signal: EndSignal): Promise<void> {
  beginDraining();
  const closings = await Promise.allSettled([...lifecycle.closes.values()].map(async (close) => close()));
  for (const closing of closings)
    if (closing.status === "rejected") warnOfThrown("what closes on signals", closing.reason);
  lifecycle.stopListening?.();
  if (process.listenerCount(signal) === 0) endBySignal(signal);
}
