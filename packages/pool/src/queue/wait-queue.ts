import { abortReason, onAbort } from "../async/on-abort.ts";
import { GRACE_MS, LATE_MS, timerMs } from "../async/timer.ts";
import { BatchedCallbacks } from "./batches.ts";
import { FairQueue, type Grouped } from "./fair-queue.ts";

/** How long somebody waits, and with whom: groups take turns. */
export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly group?: string | undefined;
}

/** How a waiter left the queue without being served. */
export type Outcome = "timeouts" | "canceled";

interface Hooks {
  timeoutError(timeoutMs: number): Error;
  onLeave?(outcome: Outcome, waitedMs: number, error: Error): void;
}

/** A caller in the queue, who is told once: by whoever takes them out, or by the queue that they gave up. */
export abstract class Waiter<Self> implements Grouped<Self> {
  readonly sinceMs = performance.now();
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly group: string | undefined;
  previous: Self | undefined;
  next: Self | undefined;
  isQueued = false;
  timer: NodeJS.Timeout | undefined;
  /** When the timer should fire, as `performance.now()` tells it. */
  dueAtMs: number;
  /** Once, as the timers of very many waiters block the loop by themselves. */
  hadGrace = false;
  ignoreAbort: (() => void) | undefined;

  constructor({ timeoutMs, signal, group }: Limits) {
    this.timeoutMs = timeoutMs;
    this.dueAtMs = this.sinceMs + timeoutMs;
    this.signal = signal;
    this.group = group;
  }

  abstract reject(error: Error): void;
}

/**
 * The callers who wait, first come, first served within a group, and groups in turns. A caller leaves by being served, at the deadline, or when the signal
 * aborts; whichever is first takes the caller out of the queue, so nobody is served after having given up.
 */
export class WaitQueue<W extends Waiter<W>> {
  readonly #queue = new FairQueue<W>();
  readonly #expired = new BatchedCallbacks();
  readonly #hooks: Hooks;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** How long whoever came first has waited, in milliseconds; 0 where nobody waits. */
  get oldestMs(): number {
    const nowMs = performance.now();
    let oldestMs = 0;
    for (const { sinceMs } of this.#queue.firsts()) oldestMs = Math.max(oldestMs, nowMs - sinceMs);
    return oldestMs;
  }

  /** The caller's time runs only from {@link startClock} on: one who is served in this turn of the event loop needs no timer. */
  join(waiter: W): void {
    this.#queue.enqueue(waiter);
    if (waiter.signal === undefined) return;
    waiter.ignoreAbort = onAbort(waiter.signal, () => {
      if (this.#leave(waiter)) this.#giveUp(waiter, "canceled", abortReason(waiter.signal));
    });
  }

  startClock(waiter: W): void {
    if (waiter.isQueued) waiter.timer = setTimeout(this.#expire, timerMs(waiter.timeoutMs), waiter);
  }

  /** Takes out whoever's turn it is, and is to be served or rejected now. */
  next(): W | undefined {
    return stopWatching(this.#queue.dequeue());
  }

  /**
   * Where the queue is full, takes out whoever is to make room for one more of a group: the last of those that have the most places.
   *
   * @returns undefined where that group has its part of the places already.
   */
  crowdedOutBy(group: string | undefined): W | undefined {
    return stopWatching(this.#queue.leaveLargest(group));
  }

  rejectAll(error: Error): void {
    for (let waiter = this.next(); waiter !== undefined; waiter = this.next()) waiter.reject(error);
  }

  /** Only after what has arrived was read: where the loop was blocked, the connection may have come free meanwhile. */
  readonly #expire = (waiter: W) => {
    const nowMs = performance.now();
    if (nowMs - waiter.dueAtMs > LATE_MS && !waiter.hadGrace) {
      waiter.hadGrace = true;
      waiter.dueAtMs = nowMs + GRACE_MS;
      waiter.timer = setTimeout(this.#expire, GRACE_MS, waiter);
      return;
    }
    this.#expired.push(() => {
      if (this.#leave(waiter)) this.#giveUp(waiter, "timeouts", this.#hooks.timeoutError(waiter.timeoutMs));
    });
  };

  #leave(waiter: W): boolean {
    if (!this.#queue.leave(waiter)) return false;
    stopWatching(waiter);
    return true;
  }

  #giveUp(waiter: W, outcome: Outcome, error: Error): void {
    this.#hooks.onLeave?.(outcome, performance.now() - waiter.sinceMs, error);
    waiter.reject(error);
  }
}

/** @returns the waiter, for whom neither time nor signal counts any more. */
function stopWatching<W extends Waiter<unknown>>(waiter: W | undefined): W | undefined {
  clearTimeout(waiter?.timer);
  waiter?.ignoreAbort?.();
  return waiter;
}
