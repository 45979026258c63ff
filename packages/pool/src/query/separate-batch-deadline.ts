import type pg from "pg";
import { abortReason, onAbort } from "../async/on-abort.ts";
import { StatementTimeoutError } from "../errors/errors.ts";
import { isDatabaseError } from "../errors/server-answer.ts";
import { dequeueStatement } from "../pg/internals.ts";
import type { Deadlines } from "./deadlines.ts";
import { CONFIRM_MS, confirmEnded, type Limits } from "./query-timeout.ts";

/**
 * After how long a cancellation counts as one that came between two statements, and hit neither, in milliseconds: the server has
 * said that it is done with the one, and had not begun with the next.
 */
const AGAIN_MS = 100;
const QUERY_CANCELED = "57014";

/**
 * Ends a batch of statements that stand alone at its deadline or at its caller's wish: taken out of the client's queue while it is
 * there. Once it was sent, the server is asked to cancel what runs, again and again until the last has ended, as a
 * cancellation ends no more than one. Where all of that takes longer than a second, the connection is cut.
 */
export class SeparateBatchDeadline {
  readonly #client: pg.Client;
  readonly #requestCancel: (client: pg.Client) => Promise<boolean>;
  readonly #giveUp: (reason: Error) => void;
  readonly #endDeadline: (() => void) | undefined;
  readonly #ignoreAbort: (() => void) | undefined;
  #cutTimer: NodeJS.Timeout | undefined;
  #reason: ((outcomeKnown: boolean) => Error) | undefined;
  #cancellation: Promise<boolean> | undefined;
  /** The server has gone on to another statement, or all is over. */
  #onMove: () => void = () => {};
  #isOver = false;

  /**
   * @param query what stands in the client's queue.
   * @param giveUp ends the batch with an error: it was not sent, or no answer will be waited for.
   */
  constructor(
    client: pg.Client,
    query: () => object | undefined,
    { timeoutMs, signal }: Limits,
    deadlines: Deadlines,
    requestCancel: (client: pg.Client) => Promise<boolean>,
    giveUp: (reason: Error) => void,
  ) {
    this.#client = client;
    this.#requestCancel = requestCancel;
    this.#giveUp = giveUp;
    const onDeadline = () =>
      this.#interrupt(query(), (outcomeKnown) => new StatementTimeoutError(timeoutMs, outcomeKnown));
    this.#endDeadline = timeoutMs > 0 ? deadlines.add(timeoutMs, onDeadline) : undefined;
    this.#ignoreAbort = signal && onAbort(signal, () => this.#interrupt(query(), () => abortReason(signal)));
  }

  /** What a statement is to be told that has failed: why it was cancelled, where it was. */
  failureOf(error: Error): Error {
    const isCancelled = isDatabaseError(error) && error.code === QUERY_CANCELED;
    return this.#reason !== undefined && isCancelled ? confirmEnded(this.#reason(true)) : error;
  }

  /** The server begins with the next statement. */
  onNext(): void {
    this.#onMove();
  }

  /** All has ended. Calls `done` when no cancellation is on its way, which would hit whatever runs next on this connection. */
  end(done: () => void): void {
    this.#isOver = true;
    this.#onMove();
    this.#endDeadline?.();
    clearTimeout(this.#cutTimer);
    this.#ignoreAbort?.();
    if (this.#cancellation === undefined) done();
    else
      void this.#cancellation.then((delivered) => {
        if (!delivered) this.#client.connection.stream.destroy();
        done();
      });
  }

  #interrupt(query: object | undefined, reason: (outcomeKnown: boolean) => Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    if (dequeueStatement(this.#client, query)) {
      this.#giveUp(confirmEnded(reason(true)));
      return;
    }
    this.#cutTimer = setTimeout(() => {
      this.#giveUp(reason(false));
      this.#client.connection.stream.destroy();
    }, CONFIRM_MS);
    this.#cancellation = this.#cancelUntilOver();
  }

  /** One request at a time, and the next as soon as the server goes on, or has not gone on. @returns whether all were delivered. */
  async #cancelUntilOver(): Promise<boolean> {
    for (;;) {
      const moves = new Promise<void>((resolve) => {
        this.#onMove = resolve;
      });
      if (!(await this.#requestCancel(this.#client))) return false;
      const again = setTimeout(this.#onMove, AGAIN_MS);
      await moves;
      clearTimeout(again);
      if (this.#isOver) return true;
    }
  }
}
