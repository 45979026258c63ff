/** Signals that ask a process to end, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** On Ctrl-C the terminal signals npm and us, and npm passes its own on; systemd signals both, too. In milliseconds. */
const ONE_WISH_MS = 1_000;

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
