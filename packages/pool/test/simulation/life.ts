import type pg from "pg";
import { Pool } from "../../src/pool.ts";
import { RetryBudget } from "../../src/retry.ts";
import { Caller } from "./caller.ts";
import type { LifeOptions, Plan } from "./plan.ts";
import { Random } from "./random.ts";
import { SimulatedServer } from "./server.ts";
import { SQL } from "./statements.ts";
import { VirtualTime } from "./virtual-time.ts";
import { describe, HOOK_CODE, type Violation, Witness } from "./witness.ts";

export interface LifeReport {
  readonly violations: readonly Violation[];
  /** Everything that happened, step by step. */
  readonly trace: readonly string[];
  readonly operations: number;
  /** Faults that have struck. */
  readonly faults: readonly string[];
  readonly virtualMs: number;
}

/** The longest that a life may take, and what has to come to rest afterwards, in virtual milliseconds. */
const LONGEST_MS = 600_000;
const REST_MS = 20_000;
const END_MS = 15_000;
/** An idle connection that has been quiet so long is pinged before its next use. */
const DISTRUST_MS = 1_200;
const SERVICE_MS = 8_000;

/** Lives one life, from its plan alone. */
export async function live(plan: Plan, { isTraced = false } = {}): Promise<LifeReport> {
  const time = new VirtualTime();
  const random = new Random(plan.seed ^ 0x5eed);
  const restore = time.install(random);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // thousands of errors are made, and nobody reads where
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    return await new Life(plan, time, random, { rejections, isTraced }).live();
  } finally {
    process.off("unhandledRejection", onRejection);
    Error.stackTraceLimit = stackTraceLimit;
    restore();
  }
}

class Life {
  readonly #plan: Plan;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #rejections: unknown[];
  readonly #faults: string[] = [];
  readonly #server: SimulatedServer;
  readonly #pool: Pool;
  readonly #witness: Witness;
  #isHealed = false;
  #nextId = 0;

  constructor(
    plan: Plan,
    time: VirtualTime,
    random: Random,
    { rejections, isTraced }: { rejections: unknown[]; isTraced: boolean },
  ) {
    this.#plan = plan;
    this.#time = time;
    this.#random = random;
    this.#rejections = rejections;
    const { options, faults } = plan;
    this.#server = new SimulatedServer({
      time,
      random,
      latencyMs: options.latencyMs,
      isGerman: options.isGerman,
      faults,
      violate: (what) => this.#witness.violate("isolation", what),
      onParameter: (parameter) => this.#witness.onParameter(parameter),
      onFault: (fault) => {
        this.#faults.push(fault.do);
        this.#witness.note(() => `FAULT ${JSON.stringify(fault)}`);
      },
    });
    this.#pool = new Pool({
      ...limitsOf(options),
      host: "simulated",
      user: "simulated",
      database: "simulated",
      ssl: false,
      stream: this.#server.socket as never,
      pooler: "none", // the simulated server knows no question for its backend
      ...(options.hasSession && { session: { TimeZone: "UTC" } }),
      ...(options.hook !== "none" && { onConnect: (client: pg.ClientBase) => this.#hook(client) }),
    });
    const hookFails = options.hook === "throws" || options.hook === "hangs";
    this.#witness = new Witness({
      pool: this.#pool,
      server: this.#server,
      time,
      max: options.max,
      maxLifetimeMs: options.maxLifetimeMs,
      newSession: newSessionOf(options),
      isCalm: faults.length === 0 && !hookFails,
      isTraced,
      hookFails,
    });
    time.onTurn = () => this.#witness.check();
  }

  async live(): Promise<LifeReport> {
    const { callers, options } = this.#plan;
    const context = { pool: this.#pool, witness: this.#witness, budget: new RetryBudget(), options };
    let left = callers.length;
    for (const [index, operations] of callers.entries()) {
      const caller = new Caller(index, context);
      void caller
        .live(operations, () => this.#nextId++)
        .catch((error: unknown) => this.#witness.violate("the simulation itself", describe(error)))
        .finally(() => left--);
    }
    const isOver = await this.#until("every caller is answered", LONGEST_MS, () => left === 0);
    if (isOver) {
      this.#server.heal();
      this.#isHealed = true;
      await this.#comeToRest();
      await this.#end();
    }
    this.#witness.conclude();
    for (const reason of this.#rejections) this.#witness.violate("unhandled rejection", describe(reason));
    const { violations, trace } = this.#witness;
    const operations = callers.reduce((sum, { length }) => sum + length, 0);
    return { violations, trace, operations, faults: this.#faults, virtualMs: this.#time.worldMs };
  }

  async #hook(client: pg.ClientBase): Promise<void> {
    const { hook } = this.#plan.options;
    await client.query("select set_config('app.hook', 'on', false)");
    if (hook === "sets" || this.#isHealed || !this.#random.chance(0.2)) return;
    if (hook === "throws") throw Object.assign(new Error("the hook's own trouble"), { code: HOOK_CODE });
    await new Promise(() => {});
  }

  /** Everything comes back, is idle, and serves. */
  async #comeToRest(): Promise<void> {
    const pool = this.#pool;
    await this.#until("all connections are idle and nobody waits", REST_MS, () => {
      const { totalCount, idleCount, waitingCount, connectingCount, closingCount } = pool.getStats();
      return totalCount === idleCount && waitingCount + connectingCount + closingCount === 0;
    });
    if (this.#witness.hasEnded) return;
    const { totalCount, max } = pool.getStats();
    if (totalCount > max) this.#witness.violate("slots", `${totalCount} connections, more than ${max}`);
    await this.#pass(DISTRUST_MS);
    let state: string | undefined;
    const serve = async () => {
      const client = await pool.acquire({ timeoutMs: SERVICE_MS });
      this.#witness.countServed();
      try {
        const { rows } = await client.query<{ state: string }>(SQL.look, ["o"]);
        state = rows[0]?.state;
      } finally {
        client.release();
      }
    };
    let failure: unknown;
    let isDone = false;
    void serve()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        isDone = true;
      });
    await this.#until("a healthy pool answers", SERVICE_MS + REST_MS, () => isDone);
    if (failure !== undefined) this.#witness.violate("no service", describe(failure));
    else this.#witness.look("the last look", state ?? null);
  }

  async #end(): Promise<void> {
    const pool = this.#pool;
    let hasEnded = false;
    this.#witness.hasEnded = true;
    void pool.end({ timeoutMs: 2_000 }).then(() => {
      hasEnded = true;
    });
    await this.#until("the pool ends", END_MS, () => hasEnded);
    await this.#pass(50);
    const { totalCount, closingCount } = pool.getStats();
    if (totalCount + closingCount > 0) this.#witness.violate("slots", "an ended pool has connections");
    const { pendingTimers } = this.#time;
    if (pendingTimers > 0) this.#witness.violate("timers", `an ended pool has ${pendingTimers} timers`);
    const open = [...this.#server.links].filter(({ socket }) => socket.isOpen).length;
    if (open > 0) this.#witness.violate("slots", `an ended pool has ${open} open sockets`);
    await this.#pass(10_000); // the longest that anything deaf or slow takes
    const backends = this.#server.reachableBackends.length;
    if (backends > 0) this.#witness.violate("slots", `${backends} backends are left`);
  }

  async #until(what: string, limitMs: number, isOver: () => boolean): Promise<boolean> {
    const untilMs = this.#time.worldMs + limitMs;
    const goesOn = await this.#time.run(() => isOver() || this.#time.worldMs > untilMs);
    if (isOver()) return true;
    const stats = JSON.stringify(this.#pool.getStats());
    this.#witness.violate(
      "never comes",
      `${what}, within ${limitMs} ms${goesOn ? "" : ", and nothing can happen any more"}: ${stats}`,
    );
    return false;
  }

  async #pass(ms: number): Promise<void> {
    const untilMs = this.#time.worldMs + ms;
    this.#time.inWorld(ms, () => {});
    await this.#time.run(() => this.#time.worldMs >= untilMs);
  }
}

function limitsOf(options: LifeOptions) {
  const { hasSession, hook, isGerman, latencyMs, ...limits } = options;
  return limits;
}

function newSessionOf({ hasSession, hook }: LifeOptions): string {
  return [...(hasSession ? ["TimeZone=UTC"] : []), ...(hook === "none" ? [] : ["app.hook=on"])].join(", ");
}
