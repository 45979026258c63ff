import type { Assignment } from "../plan.ts";
import type { Scan, Turn } from "../results.ts";
import type { Line } from "./http.ts";
import { Operation } from "./recorder.ts";

/** Somebody who is signed in. */
export interface Resident {
  readonly code: string;
  readonly cookie: string;
}

/** What all loads of a run share: the line, who is signed in, what was measured, what was written. */
export class Crowd {
  readonly line: Line;
  readonly residents: readonly Resident[];
  readonly turns: Turn[] = [];
  readonly scans: Scan[] = [];
  readonly startedAtMs = performance.now();
  readonly aborted: AbortSignal;
  readonly #retry: boolean;
  readonly #operations = new Map<string, Operation>();

  constructor(options: {
    line: Line;
    residents: readonly Resident[];
    retry: Assignment["retry"];
    aborted: AbortSignal;
  }) {
    this.line = options.line;
    this.residents = options.residents;
    this.#retry = options.retry;
    this.aborted = options.aborted;
  }

  /** Asked before each further attempt. */
  readonly wantsRetry = (): boolean => this.#retry && !this.aborted.aborted;

  operation(name: string): Operation {
    const operation = this.#operations.get(name) ?? new Operation(name, this.startedAtMs);
    this.#operations.set(name, operation);
    return operation;
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** @throws {Error} nobody is signed in. */
  resident(index: number): Resident {
    const resident = this.residents[index % this.residents.length];
    if (resident === undefined) throw new Error("the load needs somebody who is signed in");
    return resident;
  }
}
