import { AsyncResource } from "node:async_hooks";
import { callBack } from "../async/foreign-code.ts";
import { GRACE_MS, LATE_MS, timerMs } from "../async/timer.ts";
import { LinkedQueue, type Queued } from "../queue/linked-queue.ts";

interface Deadline extends Queued<Deadline> {
  /** On the clock of `performance.now()`. */
  dueAtMs: number;
  /** Once: where the loop was blocked, the answer may have arrived, and is read after the timers. */
  hadGrace: boolean;
  readonly onDue: () => void;
}

/**
 * The deadlines of one connection's statements, kept by one timer: it stays set when a statement ends, and when it fires it is set
 * anew for those that have begun meanwhile. To set and clear a timer for each statement costs more than all else that a deadline
 * asks for which is met, as nearly all are. It holds the process only while there is a deadline that may come and nothing else does:
 * an open socket holds it by itself.
 */
export class Deadlines {
  /** A list, as a set that is emptied by every statement makes its table anew for every few of them. */
  readonly #open = new LinkedQueue<Deadline>();
  /** Of whoever made the connection, as its answers are: the timer that one caller has set is for the next one too. */
  readonly #context = new AsyncResource("Deadlines");
  #timer: NodeJS.Timeout | undefined;
  #firesAtMs = Number.POSITIVE_INFINITY;
  #isClosed = false;
  readonly #isConnected: () => boolean;

  /** @param isConnected whether the connection has an open socket. */
  constructor(isConnected: () => boolean) {
    this.#isConnected = isConnected;
  }

  /**
   * @param onDue is called where the time is up first.
   * @returns what ends the deadline.
   */
  add(timeoutMs: number, onDue: () => void): () => void {
    const nowMs = performance.now();
    const deadline: Deadline = {
      dueAtMs: nowMs + timeoutMs,
      hadGrace: false,
      onDue,
      previous: undefined,
      next: undefined,
      isQueued: false,
    };
    this.#open.enqueue(deadline);
    if (deadline.dueAtMs < this.#firesAtMs) this.#setTimer(deadline.dueAtMs, nowMs);
    else if (!this.#isConnected()) this.#timer?.ref();
    return () => {
      if (!this.#open.leave(deadline) || this.#open.size > 0) return;
      if (this.#isClosed) this.#clearTimer();
      else this.#timer?.unref();
    };
  }

  /** The connection has ended, which each of its statements hears by itself. */
  close(): void {
    this.#isClosed = true;
    this.#clearTimer();
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = Number.POSITIVE_INFINITY;
  }

  #setTimer(firesAtMs: number, nowMs: number): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = firesAtMs;
    const delayMs = timerMs(Math.ceil(firesAtMs - nowMs));
    this.#timer = this.#context.runInAsyncScope(() => setTimeout(this.#onTimer, delayMs));
    if (this.#isConnected()) this.#timer.unref();
  }

  readonly #onTimer = (): void => {
    this.#firesAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const deadline of [...this.#open]) {
      if (!deadline.isQueued) continue; // one in front of it has ended it
      if (nowMs - deadline.dueAtMs > LATE_MS && !deadline.hadGrace) {
        deadline.hadGrace = true;
        deadline.dueAtMs = nowMs + GRACE_MS;
      }
      if (deadline.dueAtMs > nowMs) nextMs = Math.min(nextMs, deadline.dueAtMs);
      else {
        this.#open.leave(deadline);
        callBack(deadline.onDue);
      }
    }
    if (nextMs < this.#firesAtMs) this.#setTimer(nextMs, nowMs);
  };
}
