import type pg from "pg";
import { isError } from "../async/is-error.ts";
import { abortReason, onAbort } from "../async/on-abort.ts";
import { StatementTimeoutError } from "../errors/errors.ts";
import { isStatementError } from "../errors/server-answer.ts";
import { dequeueStatement } from "../pg/internals.ts";
import { processGlobal } from "../process/process-global.ts";
import type { Deadlines } from "./deadlines.ts";

/** Stands for the answer of a statement that was never sent, and of one that the server has not answered in time. */
const cancelledInQueue = new Error("not sent");
const cancelUnconfirmed = new Error("not answered");

/** Errors of statements that are known to have ended. */
const confirmed = /* @__PURE__ */ processGlobal("confirmed-interruptions", () => new WeakSet<Error>());

/** How long the server may take to confirm a cancellation before the connection is cut, in milliseconds. */
export const CONFIRM_MS = 1_000;

/** Whether this is the error of a statement that was interrupted and has ended on the server, so that its connection is well. */
export function isConfirmedInterruption(error: unknown): boolean {
  return isError(error) && confirmed.has(error);
}

/** Notes the error of a statement that has ended, or was never sent: its connection is well. */
export function confirmEnded<T extends Error>(error: T): T {
  confirmed.add(error);
  return error;
}

/** The error of a caller who gave up before the statement was sent. */
export function abortedUnsent(signal: AbortSignal): Error {
  return confirmEnded(abortReason(signal));
}

export type Done = (error: Error | undefined, result?: pg.QueryResult) => void;

export interface Limits {
  /** 0 for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the statement may have committed something before it was cancelled. */
  readonly mayHaveCommitted?: () => boolean;
}

/**
 * Ends a statement at its deadline or at its caller's wish: taken out of the client's queue while it is there, cancelled on
 * the server once it was sent, and where the server does not confirm within a second, its connection is cut. The caller
 * hears when the outcome is known, or cannot be: never while the statement might still be running.
 *
 * @param deadlines of the client.
 * @param requestCancel asks the server to cancel what runs on `client`.
 * @returns what to hand to the statement as its callback.
 */
export function withQueryTimeout(
  client: pg.Client,
  statement: () => object | undefined,
  { timeoutMs, signal, mayHaveCommitted }: Limits,
  deadlines: Deadlines,
  requestCancel: (client: pg.Client) => Promise<boolean>,
  done: Done,
): Done {
  let interruption: ((outcomeKnown: boolean) => Error) | undefined;
  let cancellation: Promise<boolean> | undefined;
  let cutTimer: NodeJS.Timeout | undefined;
  let answered = false;

  const settle: Done = (error, result) => {
    if (answered) return;
    answered = true;
    endDeadline?.();
    clearTimeout(cutTimer);
    ignoreAbort?.();
    if (cancellation === undefined) return finish(error, result);
    // A cancellation on its way would hit whatever runs next on this connection.
    void cancellation.then((delivered) => {
      if (!delivered || error === cancelUnconfirmed) client.connection.stream.destroy();
      finish(error, result);
    });
  };
  const finish: Done = (error, result) => {
    if (error === undefined || error === null || interruption === undefined)
      return done(error ?? undefined, result);
    const ended = error === cancelledInQueue || isStatementError(error);
    const isInPart = error !== cancelledInQueue && mayHaveCommitted?.();
    const failure = interruption(ended && !isInPart);
    if (ended) confirmed.add(failure);
    done(failure);
  };
  const interrupt = (reason: (outcomeKnown: boolean) => Error) => {
    if (interruption !== undefined) return;
    interruption = reason;
    if (dequeueStatement(client, statement())) return settle(cancelledInQueue);
    // Tells the caller itself: the socket's end would reach them by another way, as an error of the connection.
    cutTimer = setTimeout(settle, CONFIRM_MS, cancelUnconfirmed);
    cancellation = requestCancel(client);
  };
  const onDeadline = () => interrupt((outcomeKnown) => new StatementTimeoutError(timeoutMs, outcomeKnown));

  const endDeadline = timeoutMs > 0 ? deadlines.add(timeoutMs, onDeadline) : undefined;
  const ignoreAbort = signal && onAbort(signal, () => interrupt(() => abortReason(signal)));
  return settle;
}
