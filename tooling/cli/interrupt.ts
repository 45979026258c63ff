import { onSignals } from "@openhouse/pool/process";

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
 */
export function listenForSignals(): Interrupt {
  const controller = new AbortController();
  const works: (() => void)[] = [];
  onSignals(
    ["SIGINT", "SIGTERM", "SIGHUP"],
    (signal) => {
      console.log(`\n${signal}: stopping. Once more ends everything at once.`);
      controller.abort(new Interrupted(signal));
    },
    () => {
      for (const work of works) work();
    },
  );
  return { aborted: controller.signal, onSecond: (work) => void works.push(work) };
}
