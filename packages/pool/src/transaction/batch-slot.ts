import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import { MisplacedStatementError } from "../errors/errors.ts";
import { processGlobal } from "../process/process-global.ts";

type Statement = string | pg.QueryConfig;

/** Whoever runs a statement, and can tell whether another one would run it in the same scope of the same pool, or transaction. */
export interface Scoped {
  isSameScope(other: object): boolean;
}

/**
 * A place in a batch, which takes the one statement that a query sends: the query itself makes it, and reads what comes of it,
 * and need not know that it does not go out alone.
 */
export class BatchSlot {
  readonly #scope: Scoped;
  readonly #index: number;
  #isOpen = true;
  #onAsked: (statement: Statement) => void = () => {};
  #onRefused: (error: Error) => void = () => {};
  /** The statement, when the query has sent it. */
  readonly asked = new Promise<Statement>((resolve, reject) => {
    this.#onAsked = resolve;
    this.#onRefused = reject;
  });
  settle: { resolve(result: pg.QueryResult): void; reject(error: unknown): void } | undefined;

  constructor(scope: Scoped, index: number) {
    this.#scope = scope;
    this.#index = index;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Starts a query. @returns what comes of it. */
  start(query: PromiseLike<unknown>): Promise<unknown> {
    return slots.run(this, () => new Promise((resolve, reject) => void query.then(resolve, reject)));
  }

  /** Takes a query's statement. @throws {MisplacedStatementError} it belongs to another scope than the batch, or another transaction. */
  take(scope: Scoped, statement: Statement): Promise<pg.QueryResult> {
    this.#isOpen = false;
    if (!this.#scope.isSameScope(scope)) {
      const error = new MisplacedStatementError(
        `statement ${this.#index} of a batch belongs to another scope, or another transaction: build it on the handle whose batch it is; nothing was sent`,
      );
      this.#onRefused(error);
      throw error;
    }
    const result = new Promise<pg.QueryResult>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.#onAsked(statement);
    return result;
  }
}

const slots = /* @__PURE__ */ processGlobal("batch-slots", () => new AsyncLocalStorage<BatchSlot>());

/** The place that the running query's statement is for, if it is a batch's. */
export function openBatchSlot(): BatchSlot | undefined {
  const slot = slots.getStore();
  return slot?.isOpen === true ? slot : undefined;
}
