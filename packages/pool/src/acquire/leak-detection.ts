import type { CallSite } from "../telemetry/call-site.ts";

/** Follows one checkout. */
export interface LeakWatch {
  /** The connection came back. */
  end(): void;
}

export interface LeakReport {
  /** Where the connection was checked out. */
  readonly callSite: string;
  readonly heldMs: number;
}

/**
 * Reports a connection that is held longer than `thresholdMs`, and takes its word back when it is returned after all.
 */
export function watchForLeak(
  thresholdMs: number,
  callSite: CallSite | undefined,
  { onLeak, onReturn }: { onLeak(report: LeakReport): void; onReturn(report: LeakReport): void },
): LeakWatch {
  const startedAtMs = performance.now();
  const report = () => ({
    callSite: String(callSite ?? "unknown"),
    heldMs: Math.round(performance.now() - startedAtMs),
  });
  let reported = false;
  const timer = setTimeout(() => {
    reported = true;
    onLeak(report());
  }, thresholdMs).unref();
  return {
    end() {
      clearTimeout(timer);
      if (reported) onReturn(report());
    },
  };
}
