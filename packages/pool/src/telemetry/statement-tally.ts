import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { DurationHistogram } from "./histogram.ts";

/** Counts the statements of callers: how long they took, what became of them. */
export class StatementTally {
  readonly durations = new DurationHistogram();
  readonly errors: Partial<Record<ErrorKind, number>> = {};
  /** Statements that the server was asked to cancel. */
  cancelRequests = 0;

  record(durationMs: number, error: Error | undefined): void {
    this.durations.record(durationMs);
    if (error === undefined) return;
    const { kind } = classifyError(error);
    this.errors[kind] = (this.errors[kind] ?? 0) + 1;
  }
}
