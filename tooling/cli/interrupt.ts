/** The user, or the system, asked us to stop. */
export class Interrupted extends Error {
  readonly code = "INTERRUPTED_BY_SIGNAL";
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`Stopped by ${signal}.`);
    this.name = "Interrupted";
    this.signal = signal;
  }
}

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM, with an `Interrupted` as its reason. */
  readonly aborted: AbortSignal;
  /** Called when a second signal asks to end at once, in front of the exit. */
  onSecond(work: () => void): void;
}

/**
 * Takes over SIGINT, SIGTERM and SIGHUP. The first asks for an orderly end, the second ends the process.
 * On Ctrl-C the terminal signals both npm and us, and npm passes its own on: two within a moment are one.
 */
export function listenForSignals(): Interrupt {
  const SAME_KEYPRESS_MS = 500;
  const controller = new AbortController();
  const works: (() => void)[] = [];
  let firstAt: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === null) {
      firstAt = performance.now();
      console.log(`\n${signal}: stopping. Once more ends everything at once.`);
      controller.abort(new Interrupted(signal));
    } else if (performance.now() - firstAt > SAME_KEYPRESS_MS) {
      for (const work of works) work();
      process.exit(130);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  return { aborted: controller.signal, onSecond: (work) => void works.push(work) };
}
