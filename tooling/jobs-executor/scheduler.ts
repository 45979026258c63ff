import { randomUUID } from "node:crypto";
import { nextTime } from "./cron.ts";
import type { RegisteredFunction } from "./functions.ts";
import { member } from "./json.ts";
import type { Reply } from "./reply.ts";
import { Run, type RunEvent } from "./run.ts";
import { Timers } from "./timers.ts";
import { Turns } from "./turns.ts";

export interface SchedulerOptions {
  call(fn: RegisteredFunction, body: object, stepId: string): Promise<Reply>;
  log(line: string): void;
  /** How many times faster than the clock sleeps, retries and debounces pass. */
  hurry: number;
  /** Runs that are kept, under way or waiting. */
  maxRuns: number;
  /** Requests to the portal at once. */
  atOnce: number;
}

export interface SchedulerStats {
  /** Under way, asleep, or put off. */
  readonly waiting: number;
  readonly completed: number;
  readonly failed: number;
}

/** An event as it comes in; what it lacks is filled in. */
export type NewEvent = Pick<RunEvent, "name" | "data"> & Partial<RunEvent>;

const CRON_EVENT = "inngest/scheduled.timer";

/** Decides what runs when. All of it is in memory: a restart forgets it. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timers: Timers;
  /** Crons go by the clock, however much hurry there is. */
  #cronTimers = new Timers(1);
  readonly #turns: Turns;
  readonly #putOff = new Map<string, () => void>();
  readonly #cronsUnderWay = new Set<string>();
  #functions: readonly RegisteredFunction[] = [];
  #waiting = 0;
  #completed = 0;
  #failed = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#timers = new Timers(options.hurry);
    this.#turns = new Turns(options.atOnce);
  }

  get functions(): readonly RegisteredFunction[] {
    return this.#functions;
  }

  getStats(): SchedulerStats {
    return { waiting: this.#waiting, completed: this.#completed, failed: this.#failed };
  }

  /** Whether so many events more would be kept. */
  hasRoomFor(events: number): boolean {
    return this.#waiting + events <= this.#options.maxRuns;
  }

  register(functions: readonly RegisteredFunction[]): void {
    this.#functions = functions;
    this.#cronTimers.drop();
    this.#cronTimers = new Timers(1);
    for (const fn of functions) {
      for (const expression of fn.crons) this.#scheduleCron(fn, expression);
      if (fn.ignored.length > 0) this.#options.log(`${fn.id}: ${fn.ignored.join(", ")} is not kept to here`);
    }
  }

  receive(event: NewEvent): void {
    const whole: RunEvent = { id: randomUUID(), ts: Date.now(), ...event };
    for (const fn of this.#functions) {
      if (!fn.events.includes(event.name)) continue;
      if (fn.debounce === undefined) void this.#run(fn, whole);
      else this.#putOffRun(fn, whole, fn.debounce);
    }
  }

  /** Runs a function that has a cron now, unless it is under way. */
  async runCron(fn: RegisteredFunction, expression = fn.crons[0] ?? ""): Promise<void> {
    if (this.#cronsUnderWay.has(fn.id)) return;
    this.#cronsUnderWay.add(fn.id);
    const data = { cron: expression };
    await this.#run(fn, { id: randomUUID(), name: CRON_EVENT, ts: Date.now(), data });
    this.#cronsUnderWay.delete(fn.id);
  }

  stop(): void {
    this.#timers.drop();
    this.#cronTimers.drop();
    this.#putOff.clear();
    this.#functions = [];
  }

  #scheduleCron(fn: RegisteredFunction, expression: string): void {
    const timers = this.#cronTimers;
    const schedule = () => {
      const next = nextTime(expression, new Date());
      timers.set(next.getTime() - Date.now(), () => {
        void this.runCron(fn, expression);
        schedule();
      });
    };
    try {
      schedule();
    } catch (error) {
      this.#options.log(`${fn.id}: ${error instanceof Error ? error.message : "its cron is not understood"}`);
    }
  }

  #putOffRun(
    fn: RegisteredFunction,
    event: RunEvent,
    { path, periodMs }: { path: readonly string[]; periodMs: number },
  ) {
    const value = path.reduce<unknown>(member, event);
    const key = `${fn.id} ${JSON.stringify(value)}`;
    const drop = this.#putOff.get(key);
    drop?.();
    if (drop === undefined) this.#waiting++;
    const dropThis = this.#timers.set(periodMs, () => {
      this.#putOff.delete(key);
      this.#waiting--;
      void this.#run(fn, event);
    });
    this.#putOff.set(key, dropThis);
  }

  async #run(fn: RegisteredFunction, event: RunEvent): Promise<void> {
    this.#waiting++;
    const run = new Run(fn, randomUUID(), event, {
      call: (body, stepId) => this.#turns.take(() => this.#options.call(fn, body, stepId)),
      wait: (ms) => this.#timers.wait(ms),
    });
    const outcome = await run.toEnd();
    this.#waiting--;
    if (outcome === "completed") this.#completed++;
    else {
      this.#failed++;
      this.#options.log(
        `a run of ${fn.id} ${outcome === "failed" ? "has failed" : "was given up: the portal is away"}`,
      );
    }
  }
}
