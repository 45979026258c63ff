import type { RegisteredFunction } from "./functions.ts";
import type { Op, Reply, StepState } from "./reply.ts";

/** What set a run off. */
export interface RunEvent {
  readonly id: string;
  readonly name: string;
  readonly ts: number;
  readonly data: unknown;
}

/** What a run needs of its surroundings. */
export interface RunHooks {
  /** Asks the portal to go on; one request at a time. */
  call(body: object, stepId: string): Promise<Reply>;
  wait(ms: number): Promise<void>;
}

export type Outcome = "completed" | "failed" | "given up";

/** Waits between tries: 1 s, 2 s, 4 s, up to a minute. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** How often a portal that is away is asked again, in milliseconds, and for how long: a restart is no failed try. */
const AWAY_RETRY_MS = 1_000;
const AWAY_FOR_MS = 15 * 60_000;
/** As Inngest has it: a function that asks for more goes round in a circle. */
const MAX_REQUESTS = 1_000;

/** Where "step" stands for whichever step comes next. */
const NEXT_STEP = "step";

/** One run of a function: asks the portal to go on, keeps what its steps came to, and waits where it says so. */
export class Run {
  readonly #fn: RegisteredFunction;
  readonly #id: string;
  readonly #event: RunEvent;
  readonly #hooks: RunHooks;
  readonly #steps: Record<string, StepState> = {};
  readonly #order: string[] = [];
  #attempt = 0;
  #awayMs = 0;

  constructor(fn: RegisteredFunction, id: string, event: RunEvent, hooks: RunHooks) {
    this.#fn = fn;
    this.#id = id;
    this.#event = event;
    this.#hooks = hooks;
  }

  async toEnd(): Promise<Outcome> {
    const planned: string[] = [];
    for (let request = 0; request < MAX_REQUESTS; request++) {
      const reply = await this.#hooks.call(this.#body(), planned[0] ?? NEXT_STEP);
      if (reply.kind === "done") return "completed";
      if (reply.kind === "unreachable") {
        if (this.#awayMs >= AWAY_FOR_MS) return "given up";
        this.#awayMs += AWAY_RETRY_MS;
        await this.#hooks.wait(AWAY_RETRY_MS);
        continue;
      }
      this.#awayMs = 0;
      if (reply.kind === "rejected") {
        if (!reply.retriable || this.#isLastAttempt()) return "failed";
        await this.#waitToRetry(reply.retryAfterMs);
        continue;
      }
      if (reply.ops.some(({ kind }) => kind === "complete")) return "completed";
      if (reply.ops.some(({ kind }) => kind === "unknown")) return "failed";
      await this.#follow(reply.ops, reply.retryAfterMs, planned);
    }
    return "failed";
  }

  /** Steps that the function has planned side by side are asked for one after the other. */
  async #follow(ops: readonly Op[], retryAfterMs: number | undefined, planned: string[]): Promise<void> {
    for (const op of ops) {
      if (op.kind === "planned" && !planned.includes(op.id)) planned.push(op.id);
      if (op.kind === "ran") this.#settle(op.id, op.state, planned);
      if (op.kind === "threw") {
        if (this.#isLastAttempt()) this.#settle(op.id, { type: "error", error: op.error }, planned);
        else await this.#waitToRetry(retryAfterMs);
      }
    }
    const sleeps = ops.filter((op) => op.kind === "sleep");
    if (sleeps.length === 0) return;
    await this.#hooks.wait(Math.max(...sleeps.map(({ forMs }) => forMs)));
    for (const { id } of sleeps) this.#settle(id, { type: "data", data: null }, planned);
  }

  #settle(id: string, state: StepState, planned: string[]): void {
    this.#steps[id] = state;
    this.#order.push(id);
    this.#attempt = 0;
    if (planned.includes(id)) planned.splice(planned.indexOf(id), 1);
  }

  #isLastAttempt(): boolean {
    return this.#attempt >= this.#fn.retries;
  }

  #waitToRetry(retryAfterMs: number | undefined): Promise<void> {
    const backoffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempt);
    this.#attempt++;
    return this.#hooks.wait(retryAfterMs ?? backoffMs);
  }

  #body(): object {
    return {
      version: 1,
      event: this.#event,
      events: [this.#event],
      steps: this.#steps,
      use_api: false,
      ctx: {
        fn_id: this.#fn.id,
        run_id: this.#id,
        attempt: this.#attempt,
        max_attempts: this.#fn.retries + 1,
        disable_immediate_execution: false,
        use_api: false,
        stack: { stack: this.#order, current: this.#order.length },
      },
    };
  }
}
