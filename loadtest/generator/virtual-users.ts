import { setTimeout as pause } from "node:timers/promises";
import type { Scan, Turn } from "../results.ts";
import { type Failure, failureOfError } from "./failure.ts";
import type { Line } from "./http.ts";
import { latencyHistogram, Operation } from "./recorder.ts";

/** Somebody who is signed in. */
export interface Resident {
  readonly code: string;
  readonly cookie: string;
}

/** What one attempt came to: the value its sender wanted, or why not. */
export type Outcome<T> = { readonly value: T } | { readonly failure: Failure };

/** Long enough for a restart of the database, and an end to what never comes. */
const MAX_ATTEMPTS = 15;

/** What all loads of a run share: the line, who is signed in, what was measured, what was written. */
export class VirtualUsers {
  readonly line: Line;
  readonly residents: readonly Resident[];
  readonly turns: Turn[] = [];
  readonly scans: Scan[] = [];
  readonly lateness = latencyHistogram();
  readonly startedAtMs = performance.now();
  readonly aborted: AbortSignal;
  readonly #retry: boolean;
  readonly #operations = new Map<string, Operation>();

  constructor(line: Line, residents: readonly Resident[], retry: boolean, aborted: AbortSignal) {
    this.line = line;
    this.residents = residents;
    this.#retry = retry;
    this.aborted = aborted;
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  operation(name: string): Operation {
    const operation = this.#operations.get(name) ?? new Operation(name, this.startedAtMs);
    this.#operations.set(name, operation);
    return operation;
  }

  /** @throws {Error} nobody is signed in. */
  resident(index: number): Resident {
    const resident = this.residents[index % this.residents.length];
    if (resident === undefined) throw new Error("the load needs somebody who is signed in");
    return resident;
  }

  /**
   * Makes a request, counts it, and, in a run with a restart, makes it again when the server has asked for that
   * (`Retry-After`), at the time it has named, as a browser's page does. Nothing else is ever tried again.
   *
   * @param sinceMs the intended start.
   * @returns the value, or null where there is none in the end.
   */
  async perform<T>(name: string, sinceMs: number, attempt: () => Promise<Outcome<T>>): Promise<T | null> {
    const operation = this.operation(name);
    operation.begin();
    for (let attempts = 1; ; attempts++) {
      const outcome = await attempt().catch((error: unknown) => ({ failure: failureOfError(error) }));
      if ("value" in outcome) {
        operation.succeed(sinceMs, attempts);
        return outcome.value;
      }
      const { failure } = outcome;
      operation.fail(failure);
      const mayRetry = this.#retry && !this.aborted.aborted && attempts < MAX_ATTEMPTS;
      if (!mayRetry || failure.retryAfterMs === undefined) {
        operation.lose();
        return null;
      }
      await pause(failure.retryAfterMs);
    }
  }
}
