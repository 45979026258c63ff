import { callOnlooker } from "../async/foreign-code.ts";
import { classifyError, type ErrorKind } from "../errors/classify.ts";
import { DurationHistogram } from "./histogram.ts";
import type { RouteTally } from "./route-tally.ts";

/** Is told of a statement that begins. @returns what is told of its end. */
export type StatementWatcher = (text: string) => (durationMs: number, error: Error | undefined) => void;

type Done<Result> = (error: Error | undefined, result?: Result) => void;

const WATCHER = "a watcher of statements";

/** Counts the statements of callers: how long they took, what became of them. */
export class StatementTally {
  readonly durations = new DurationHistogram();
  readonly errors: Partial<Record<ErrorKind, number>> = {};
  /** Statements that the server was asked to cancel. */
  cancelRequests = 0;

  /** When the server has last done what a statement asked for, on the clock of `performance.now()`. */
  answeredAtMs: number | undefined;

  noteAnswer(): void {
    this.answeredAtMs = performance.now();
  }

  /** Hears of each statement, where somebody has asked for that. */
  watcher: StatementWatcher | undefined;

  /**
   * Follows a statement from now on.
   *
   * @param route where it counts as well.
   * @returns what to call with its outcome, in place of `done`.
   */
  follow<Result>(text: () => string, done: Done<Result>, route?: RouteTally): Done<Result> {
    const startedAtMs = performance.now();
    const tellEnd = this.watcher && this.#tellBegin(this.watcher, text());
    return (error, result) => {
      const durationMs = performance.now() - startedAtMs;
      this.#record(durationMs, error, route);
      if (tellEnd !== undefined) callOnlooker(WATCHER, tellEnd, undefined, [durationMs, error]);
      done(error, result);
    };
  }

  #tellBegin(watcher: StatementWatcher, text: string): ReturnType<StatementWatcher> | undefined {
    let tellEnd: ReturnType<StatementWatcher> | undefined;
    const tell = () => {
      tellEnd = watcher(text);
    };
    callOnlooker(WATCHER, tell, undefined, []);
    return tellEnd;
  }

  #record(durationMs: number, error: Error | undefined, route: RouteTally | undefined): void {
    this.durations.record(durationMs);
    route?.durations.record(durationMs);
    if (error === undefined) return;
    const { kind } = classifyError(error);
    this.errors[kind] = (this.errors[kind] ?? 0) + 1;
    if (route !== undefined) route.errors[kind] = (route.errors[kind] ?? 0) + 1;
  }
}
