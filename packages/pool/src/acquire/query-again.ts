import type pg from "pg";
import { bindCallback } from "../async/bind-callback.ts";
import { callBack } from "../async/foreign-code.ts";
import { signalOf } from "../async/on-abort.ts";
import { tracedRejection } from "../async/rejection.ts";
import { throwRedacted } from "../errors/redact.ts";
import { isUnsent } from "../errors/unsent.ts";
import { pauseToResend } from "./resend.ts";

type Callback = (error: unknown, result?: pg.QueryResult) => void;

/**
 * A pool's `query`, in both of its call forms, that sends a statement again where a pooler has not sent it on.
 *
 * @param ask sends it once, on a connection that it waits for until `timeoutMs`.
 * @param limitMs how long a caller waits for a connection, in milliseconds.
 * @param PromiseClass of the promises that are handed out.
 */
export function queryAgain(
  ask: (call: readonly unknown[], timeoutMs?: number) => unknown,
  limitMs: () => number,
  PromiseClass: PromiseConstructor,
): (...call: unknown[]) => unknown {
  const again = async (
    call: readonly unknown[],
    sinceMs: number,
    error: unknown,
    send: (timeoutMs: number) => Promise<pg.QueryResult>,
    failures = 0,
  ): Promise<pg.QueryResult> => {
    const timeoutMs = await pauseToResend(error, failures, sinceMs + limitMs(), signalOf(call[0]));
    return await send(timeoutMs).catch((last) => again(call, sinceMs, last, send, failures + 1));
  };
  return (...call) => {
    const sinceMs = performance.now();
    const callback = call.find((each): each is Callback => typeof each === "function");
    if (callback === undefined) {
      const fail = (error: Error) => {
        if (!isUnsent(error)) return throwRedacted(error);
        const send = (timeoutMs: number) => ask(call, timeoutMs) as Promise<pg.QueryResult>;
        return again(call, sinceMs, error, send).catch(throwRedacted);
      };
      // A promise of pg-pool's would come with one more behind it, and only what has failed needs one.
      return new PromiseClass<pg.QueryResult>((resolve) =>
        ask([
          call[0],
          call[1],
          (error: Error | undefined, result: pg.QueryResult) =>
            resolve(error ? tracedRejection(PromiseClass, error, fail) : result),
        ]),
      );
    }
    const tell = bindCallback(callback);
    const askFor = (told: Callback, timeoutMs?: number) =>
      ask(
        call.map((each) => (each === callback ? told : each)),
        timeoutMs,
      );
    const send = (timeoutMs: number) =>
      new Promise<pg.QueryResult>((resolve, reject) =>
        askFor((error, result) => (result === undefined ? reject(error) : resolve(result)), timeoutMs),
      );
    return askFor((error, result) => {
      if (!isUnsent(error)) return tell(error, result);
      again(call, sinceMs, error, send).then(
        (rows) => callBack(() => tell(null, rows)),
        (last) => callBack(() => tell(last)),
      );
    });
  };
}
