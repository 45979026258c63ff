import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import { DueHeap } from "./heap.ts";
import type { Random } from "./random.ts";

const realSetImmediate = setImmediate;

/** A timer, or something on its way to the process. */
class Task {
  readonly order: number;
  isDone = false;
  readonly dueMs: number;
  readonly run: () => void;
  readonly #onClose: () => void;

  constructor(dueMs: number, order: number, run: () => void, onClose: () => void) {
    this.dueMs = dueMs;
    this.order = order;
    this.run = run;
    this.#onClose = onClose;
  }

  close(): void {
    if (this.isDone) return;
    this.isDone = true;
    this.#onClose();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** How many turns a life may take before it is called endless. */
const MOST_TURNS = 400_000;
/** So many steps are asked for at once, as each visit to the real event loop costs as much as several of them. */
const AT_A_TIME = 32;
/** Where the clocks begin: far enough from 0 that nothing takes it for "never". */
export const EPOCH_MS = 1_000_000;

/**
 * The time of a simulated process and of the world around it. Nothing waits: when all that runs at one moment is done, the
 * next moment is the one at which something comes due.
 *
 * The process goes through the phases of Node's event loop: timers that are due, what has arrived from outside, immediates;
 * after each callback its microtasks. The world (network and server) goes on while the process stands still.
 */
export class VirtualTime {
  readonly #timers = new DueHeap<Task>();
  readonly #arrivals = new DueHeap<Task>();
  readonly #world = new DueHeap<Task>();
  #immediates: Task[] = [];
  #order = 0;
  #worldMs = EPOCH_MS;
  /** How long the process's own clock has stood still in all. */
  #suspendedMs = 0;
  #heldUntilMs = 0;
  #isSuspended = false;
  #pendingTimers = 0;
  #turns = 0;
  #phase: "world" | "timers" | "arrivals" | "immediates" = "world";
  #turnsImmediates: Task[] = [];
  #scheduled = 0;
  #isOver: () => boolean = () => true;
  #onEnd: ((goesOn: boolean) => void) | undefined;
  /** Called when a turn of the process's event loop is over. */
  onTurn: () => void = () => {};

  /** The world's clock, which the process reads as Date.now(). */
  get worldMs(): number {
    return this.#worldMs;
  }

  /** The process's clock, performance.now(). */
  get processMs(): number {
    return this.#worldMs - this.#suspendedMs;
  }

  /** Timers and immediates that were set and have neither fired nor been cleared. */
  get pendingTimers(): number {
    return this.#pendingTimers;
  }

  /** Whether the process stands still. */
  get isHeld(): boolean {
    return this.#worldMs < this.#heldUntilMs;
  }

  /** Until when the process last stood still, on its own clock. */
  get heldUntilMs(): number {
    return this.#heldUntilMs - this.#suspendedMs;
  }

  /** Something happens outside of the process. */
  inWorld(afterMs: number, run: () => void): void {
    this.#world.push(new Task(this.#worldMs + afterMs, this.#order++, run, () => {}));
  }

  /** Something reaches the process at that time of the world's. */
  arrive(dueMs: number, run: () => void): void {
    this.#arrivals.push(new Task(dueMs, this.#order++, run, () => {}));
  }

  /** The process's event loop is blocked; the clocks go on. */
  block(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#worldMs + ms);
  }

  /** The process and its own clock stand still, as on a laptop that sleeps: only the wall clock goes on. */
  suspend(ms: number): void {
    if (this.isHeld) return;
    this.block(ms);
    this.#isSuspended = true;
  }

  /** Goes on until `isOver`. @returns false when nothing can happen any more, or too much has. */
  run(isOver: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      this.#isOver = isOver;
      this.#onEnd = resolve;
      this.#schedule();
    });
  }

  /** One callback at a time, as Node runs every microtask and tick between two immediates. */
  #schedule(): void {
    this.#scheduled = AT_A_TIME;
    for (let left = AT_A_TIME; left > 0; left--) realSetImmediate(this.#proceed);
  }

  readonly #proceed = (): void => {
    this.#scheduled--;
    if (this.#onEnd === undefined) return;
    if (this.#phase === "world") this.#beginTurn();
    else this.#step();
    if (this.#scheduled === 0 && this.#onEnd !== undefined) this.#schedule();
  };

  #end(goesOn: boolean): void {
    const tell = this.#onEnd;
    this.#onEnd = undefined;
    tell?.(goesOn);
  }

  #beginTurn(): void {
    if (this.#isOver()) return void this.#end(true);
    const nextMs = this.#nextMs();
    if (nextMs === Number.POSITIVE_INFINITY || ++this.#turns > MOST_TURNS) return void this.#end(false);
    this.#moveWorld(nextMs);
    if (this.isHeld) return;
    this.#isSuspended = false;
    this.#phase = "timers";
    this.#step();
  }

  /** Runs the next callback of the turn; where there is none, the turn is over. */
  #step(): void {
    if (this.#phase === "timers") {
      if (this.#runNext(this.#timers, this.#suspendedMs)) return;
      this.#phase = "arrivals";
    }
    if (this.#phase === "arrivals") {
      if (this.#runNext(this.#arrivals, 0)) return;
      this.#phase = "immediates";
      this.#turnsImmediates = this.#immediates;
      this.#immediates = [];
    }
    for (let next = this.#turnsImmediates.shift(); next !== undefined; next = this.#turnsImmediates.shift()) {
      if (next.isDone) continue;
      next.close();
      return void next.run();
    }
    this.#phase = "world";
    this.onTurn();
  }

  /** @param behindMs by how much the clock of these tasks is behind the world's. @returns whether one was due. */
  #runNext(tasks: DueHeap<Task>, behindMs: number): boolean {
    const next = open(tasks);
    if (next === undefined || next.dueMs + behindMs > this.#worldMs || this.isHeld) return false;
    tasks.pop();
    next.close();
    next.run();
    return true;
  }

  #nextMs(): number {
    if (this.isHeld) return Math.min(this.#heldUntilMs, this.#world.peek()?.dueMs ?? this.#heldUntilMs);
    if (this.#immediates.length > 0) return this.#worldMs;
    const timer = open(this.#timers);
    return Math.min(
      timer === undefined ? Number.POSITIVE_INFINITY : timer.dueMs + this.#suspendedMs,
      this.#arrivals.peek()?.dueMs ?? Number.POSITIVE_INFINITY,
      this.#world.peek()?.dueMs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** What happens outside until then, in order. */
  #moveWorld(untilMs: number): void {
    for (let next = this.#world.peek(); next !== undefined; next = this.#world.peek()) {
      if (next.dueMs > untilMs) break;
      this.#world.pop();
      this.#setWorld(next.dueMs);
      next.run();
    }
    this.#setWorld(untilMs);
  }

  #setWorld(ms: number): void {
    if (ms <= this.#worldMs) return;
    if (this.#isSuspended) this.#suspendedMs += ms - this.#worldMs;
    this.#worldMs = ms;
  }

  /** Puts these clocks and timers, and chance from `random`, in the place of the process's. @returns what takes them back. */
  install(random: Random): () => void {
    const replaced: [object: object, name: string, value: unknown][] = [
      [globalThis, "setTimeout", (run: () => void, ms?: number, ...rest: []) => this.#set(ms, run, rest)],
      [globalThis, "setInterval", notSimulated("setInterval")],
      [globalThis, "setImmediate", (run: () => void, ...rest: []) => this.#setImmediate(run, rest)],
      [globalThis, "clearTimeout", clear],
      [globalThis, "clearImmediate", clear],
      [
        timersPromises,
        "setTimeout",
        (ms: number, value: unknown, options = {}) => this.#sleep(ms, value, options),
      ],
      [Date, "now", () => this.#worldMs],
      [performance, "now", () => this.processMs],
      [Math, "random", () => random.next()],
    ];
    const before = replaced.map(([object, name]) => Object.getOwnPropertyDescriptor(object, name));
    for (const [object, name, value] of replaced)
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
    syncBuiltinESMExports();
    return () => {
      for (const [index, [object, name]] of replaced.entries()) {
        const descriptor = before[index];
        if (descriptor === undefined) Reflect.deleteProperty(object, name);
        else Object.defineProperty(object, name, descriptor);
      }
      syncBuiltinESMExports();
    };
  }

  #set(ms: number | undefined, run: (...rest: unknown[]) => void, rest: unknown[]): Task {
    this.#pendingTimers++;
    const waitMs = ms !== undefined && ms >= 1 ? ms : 1;
    const task = new Task(
      this.processMs + waitMs,
      this.#order++,
      () => run(...rest),
      () => this.#pendingTimers--,
    );
    this.#timers.push(task);
    return task;
  }

  #setImmediate(run: (...rest: unknown[]) => void, rest: unknown[]): Task {
    this.#pendingTimers++;
    const task = new Task(
      0,
      this.#order++,
      () => run(...rest),
      () => this.#pendingTimers--,
    );
    this.#immediates.push(task);
    return task;
  }

  #sleep(ms: number, value: unknown, { signal }: { signal?: AbortSignal }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        timer.close();
        reject(
          Object.assign(new Error("The operation was aborted"), { name: "AbortError", code: "ABORT_ERR" }),
        );
      };
      const timer = this.#set(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value);
      }, []);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}

/** The first that has not been cleared. */
function open(tasks: DueHeap<Task>): Task | undefined {
  for (let next = tasks.peek(); next !== undefined; next = tasks.peek()) {
    if (!next.isDone) return next;
    tasks.pop();
  }
  return undefined;
}

function clear(task: unknown): void {
  if (task instanceof Task) task.close();
}

function notSimulated(name: string): () => never {
  return () => {
    throw new Error(`${name} has no virtual counterpart yet`);
  };
}
