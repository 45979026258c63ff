import { processGlobal } from "./process-global.ts";
import { onSignals } from "./signals.ts";

/** open: serving · draining: finishing what is under way, health says so · closed: nothing is left. */
export type LifecycleState = "open" | "draining" | "closed";

interface Lifecycle {
  state: LifecycleState;
  /** Set when a framework shuts the process down itself and calls `closePool` at its proper time. */
  signalsTakenOver: boolean;
  /** Set while we listen to signals. */
  stopListening: (() => void) | undefined;
}

const lifecycle = processGlobal<Lifecycle>("lifecycle", () => ({
  state: "open",
  signalsTakenOver: false,
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
 * Installed once per process, however often it is called. Does nothing where {@link takeOverSignals} was called.
 *
 * @param close drains and closes; it must settle within a bound of its own.
 */
export function closeOnSignals(close: () => Promise<void>): void {
  if (lifecycle.signalsTakenOver || lifecycle.stopListening !== undefined) return;
  const stopListening = onSignals(["SIGINT", "SIGTERM"], (signal) => {
    beginDraining();
    void close().finally(() => {
      stopListening();
      // With our listener gone the default action ends the process, so that its parent sees the signal.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  });
  lifecycle.stopListening = stopListening;
}
