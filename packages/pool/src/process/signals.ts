/** Signals that ask a process to end, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** On Ctrl-C the terminal signals npm and us, and npm passes its own on; systemd signals both, too. In milliseconds. */
const ONE_WISH_MS = 1_000;
/** A signal that is to end the process does so within this time, or it never will, in milliseconds. */
const STILL_HERE_MS = 100;

export type EndSignal = keyof typeof SIGNALS;

/**
 * Calls `onFirst` at the first of these signals. A second one ends the process at once, with the exit code of a process that
 * the signal has ended; within a second of the first it is the same wish.
 *
 * @param onSecond called in front of that exit.
 * @returns what stops listening.
 */
export function onSignals(
  signals: readonly EndSignal[],
  onFirst: (signal: EndSignal) => void,
  onSecond?: () => void,
): () => void {
  let firstAtMs: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    const known = signal as EndSignal;
    if (firstAtMs === undefined) {
      firstAtMs = performance.now();
      onFirst(known);
    } else if (performance.now() - firstAtMs > ONE_WISH_MS) {
      onSecond?.();
      process.exit(128 + SIGNALS[known]);
    }
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.removeListener(signal, listener);
  };
}

/**
 * Ends the process by a signal to which nobody listens any more, so that its parent sees the signal.
 * Where it has no effect, as on PID 1 of a container, which the kernel spares, the process exits with the code of that end.
 */
export function endBySignal(signal: EndSignal): void {
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + SIGNALS[signal]), STILL_HERE_MS);
}
