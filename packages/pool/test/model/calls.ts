import { getEventListeners } from "node:events";
import pg from "pg";
import { classifyError } from "../../src/errors/classify.ts";
import { AcquireTimeoutError, PoolClosedError, PoolSaturatedError } from "../../src/errors/errors.ts";

/** How much later than its deadline a call may settle, in milliseconds. */
const GRACE_MS = 1_000;

/** A caller of `acquire` or `query`, and what may become of it. */
export class Call<T> {
  readonly name: string;
  readonly settled: Promise<void>;
  error: unknown;
  isSettled = false;
  readonly #controller = new AbortController();
  readonly #violate: (rule: string) => void;

  constructor(
    name: string,
    limitMs: number,
    violate: (rule: string) => void,
    start: (signal: AbortSignal) => Promise<T>,
    onSuccess: (value: T) => void,
  ) {
    this.name = name;
    this.#violate = (rule) => violate(`${name} ${rule}`);
    // On a timer rather than a clock: a loop that was held up is late for the pool's timers and for this one alike.
    const onDue = () => {
      timer = setTimeout(
        () => this.#violate(`did not settle within ${GRACE_MS} ms of its limit of ${limitMs} ms`),
        GRACE_MS,
      );
    };
    let timer = setTimeout(onDue, limitMs);
    this.settled = start(this.#controller.signal)
      .then(onSuccess, (error: unknown) => {
        this.error = error;
      })
      .finally(() => {
        clearTimeout(timer);
        if (this.isSettled) this.#violate("settled twice");
        this.isSettled = true;
        if (getEventListeners(this.#controller.signal, "abort").length > 0) this.#violate("left a listener");
      });
  }

  abort(): void {
    this.#controller.abort(new Error(`${this.name} gave up`));
  }

  /** Whether the error is the one that this caller gave as a reason. */
  get gaveUp(): boolean {
    const { aborted, reason } = this.#controller.signal;
    return aborted && this.error === reason;
  }
}

/** Whether a caller for a connection may get this error. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof AcquireTimeoutError ||
    error instanceof PoolSaturatedError ||
    error instanceof PoolClosedError
  );
}

/** Whether a statement may get this error: the server's own, such as of one in a failed transaction, or of a class. */
export function isKnownFailure(error: unknown): boolean {
  return isRefusal(error) || error instanceof pg.DatabaseError || classifyError(error).kind !== "unknown";
}
