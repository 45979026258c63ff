import { waitFor } from "@openhouse/pool-testing";
import type pg from "pg";
import { AcquireTimeoutError, PoolClosedError } from "../../src/errors/errors.ts";
import { isAlive, isReady } from "../../src/pg/internals.ts";
import { Pool } from "../../src/pool.ts";
import type { Client } from "../../src/query/client.ts";
import { aWhile, nth } from "./a-while.ts";
import { Call, isKnownFailure, isRefusal } from "./calls.ts";
import type { Fixtures } from "./fixtures.ts";
import { Network } from "./network.ts";
import { type Rule, rulesOfFigures, rulesOfTotals } from "./rules.ts";
import { BACKENDS, READ_MARK, SQL } from "./sql.ts";
import type { ModelOptions, Return, Statement, Step } from "./steps.ts";

const CONNECT_MS = 500;
const QUERY_MS = 500;
/** Waiting, running, cancelling, and cutting where the server does not confirm. */
const QUERY_LIMIT_MS = CONNECT_MS + QUERY_MS + 2_000;
/** How long what needs no network fault to be over may take, on a machine that is busy. In milliseconds. */
const CALM_MS = 5_000;
const TURNS = 5;

/** A pool with its holders, its network and its server, and the rules that hold whatever happens. */
export class PoolModel {
  readonly pool: Pool;
  readonly violations: string[] = [];
  readonly #network: Network;
  readonly #observer: Client;
  readonly #name: string;
  readonly #timers: () => string[];
  readonly #acquires: Call<pg.PoolClient>[] = [];
  readonly #queries: Call<unknown>[] = [];
  readonly #held = new Set<pg.PoolClient>();
  readonly #connected: pg.PoolClient[] = [];
  #served = 0;
  /** The pool may have as many connections: `max`, or more until it has come down to a smaller one. */
  #ceiling: number;
  #isCalm = false;
  #ended: Promise<void> | undefined;
  #isOver = false;

  constructor({ hook, ...limits }: ModelOptions, { options, proxy, observer, name, timers }: Fixtures) {
    this.#network = new Network(proxy);
    this.#observer = observer;
    this.#name = name;
    this.#timers = timers;
    this.#ceiling = limits.max;
    this.pool = new Pool({
      ...options,
      ...limits,
      min: 0,
      port: proxy.port,
      application_name: name,
      connectionTimeoutMillis: CONNECT_MS,
      queryTimeoutMs: QUERY_MS,
      ...(hook && { onConnect: (client: pg.ClientBase) => client.query(SQL.select).then(() => {}) }),
    });
    this.pool.on("connect", (client) => this.#connected.push(client));
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "acquire":
        return this.#acquire(step);
      case "query":
        return this.#query(step.statement);
      case "run":
        return this.#run(nth([...this.#held], step.which), step);
      case "release":
        return this.#release(nth([...this.#held], step.which), step.how);
      case "abort":
        return nth(
          this.#calls().filter(({ isSettled }) => !isSettled),
          step.which,
        )?.abort();
      case "kill":
        return this.#kill(step.which);
      case "pass":
        return this.#pass(step.ms);
      case "resize":
        return this.#resize(step.max, step.min);
      case "end":
        return this.#end(step.timeoutMs);
      case "drain":
        return this.pool.drain();
      case "warmUp":
        return void this.pool.warmUp().catch((error) => this.#expectKnown("warmUp", error));
      default:
        return this.#network.change(step);
    }
  }

  /** The rules that a look at the pool tells. */
  check(): void {
    const { totalCount, closingCount, max } = this.pool.getStats();
    if (totalCount + closingCount <= max) this.#ceiling = max;
    const alive = (clients: Iterable<pg.PoolClient>) =>
      [...clients].filter((client) => isAlive(client)).length;
    this.#rules(
      rulesOfFigures(this.pool, {
        open: alive(this.#connected),
        checkedOut: alive(this.#held),
        ceiling: this.#ceiling,
        hasEnded: this.#ended !== undefined,
      }),
    );
  }

  /** Mends the network, returns everything, and expects a pool as good as new; then ends it, and expects nothing left. */
  async settle(): Promise<void> {
    await this.#network.mend();
    this.#isCalm = true;
    for (const client of [...this.#held]) this.#release(client, "clean");
    await Promise.all(this.#calls().map(({ settled }) => settled));
    await this.#expectQuiet();
    this.check();
    // One that is being reset counts as idle, and is closed when the server has answered.
    await this.#eventually("a pool comes down to its maximum", () => {
      const { totalCount, max } = this.pool.getStats();
      return totalCount <= max;
    });
    if (this.#ended === undefined) await this.#expectService();
    await this.#expectEnd();
    const errors = this.#calls().map(({ error }) => error);
    this.#rules(rulesOfTotals(this.pool, { errors, served: this.#served, queries: this.#queries.length }));
  }

  #calls(): (Call<pg.PoolClient> | Call<unknown>)[] {
    return [...this.#acquires, ...this.#queries];
  }

  #acquire({ timeoutMs, looks, waits }: Extract<Step, { do: "acquire" }>): Promise<void> | undefined {
    const startedAtMs = performance.now();
    const call = new Call(
      `acquire ${this.#acquires.length + 1}`,
      timeoutMs,
      (rule) => this.#violate(rule),
      (signal) => this.pool.acquire({ signal, timeoutMs }),
      (client) => this.#onCheckedOut(client, looks),
    );
    this.#acquires.push(call);
    void call.settled.then(() => {
      const { error, name } = call;
      if (error === undefined) return;
      this.#rule(`${name} fails for a known reason, not ${error}`, isRefusal(error) || call.gaveUp);
      const early = error instanceof AcquireTimeoutError && performance.now() - startedAtMs < timeoutMs - 2;
      this.#rule(`${name} does not time out early`, !early);
      const closed = error instanceof PoolClosedError && this.#ended === undefined;
      this.#rule(`${name} is not told of an end that is none`, !closed);
    });
    return waits ? aWhile(call.settled) : undefined;
  }

  #onCheckedOut(client: pg.PoolClient, looks: boolean): void {
    this.#served++;
    this.#rule("a connection is checked out to one holder at a time", !this.#held.has(client));
    // One that died meanwhile, or whose pool has ended, tells its holder at the first statement.
    if (isAlive(client)) {
      this.#rule("a connection is checked out outside a transaction", client.getTransactionStatus() === "I");
      this.#rule("a connection is checked out with nothing under way", isReady(client));
    }
    this.#held.add(client);
    if (looks) this.#look(client);
    if (looks) void this.#run(client, { do: "run", which: 0, statement: "mark", waits: false });
    if (this.#isCalm) this.#release(client, "clean");
  }

  #look(client: pg.PoolClient): void {
    client.query<{ mark: string | null }>(READ_MARK).then(
      ({ rows }) => this.#rule("a session is as new", !rows[0]?.mark),
      (error: unknown) => this.#expectKnown("a look", error),
    );
  }

  #query(statement: Statement): void {
    const call = new Call<unknown>(
      `query ${this.#queries.length + 1}`,
      QUERY_LIMIT_MS,
      (rule) => this.#violate(rule),
      (signal) => this.pool.query({ text: SQL[statement], signal } as pg.QueryConfig),
      () => {},
    );
    this.#queries.push(call);
    void call.settled.then(
      () => call.error === undefined || call.gaveUp || this.#expectKnown(call.name, call.error),
    );
  }

  #run(
    client: pg.PoolClient | undefined,
    { statement, waits }: Extract<Step, { do: "run" }>,
  ): Promise<void> | undefined {
    if (client === undefined) return undefined;
    const answer = client.query(SQL[statement]).then(
      () => {},
      (error: unknown) => this.#expectKnown(`a holder's ${statement}`, error),
    );
    return waits ? aWhile(answer) : undefined;
  }

  #release(client: pg.PoolClient | undefined, how: Return): void {
    if (client === undefined) return;
    this.#held.delete(client);
    if (how === "clean") client.release();
    else client.release(how === "destroy" ? true : new Error("the holder's own trouble"));
  }

  async #kill(which: number): Promise<void> {
    const pid = nth(await this.#backends(), which);
    if (pid !== undefined) await this.#observer.query("select pg_terminate_backend($1)", [pid]);
  }

  #resize(max: number, min: number): void {
    this.pool.resize({ max, min });
    this.#ceiling = Math.max(max, this.#ceiling);
  }

  /** Time is part of what happens: what is under way gets on by so much. */
  async #pass(ms: number): Promise<void> {
    await new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
    const ceiling = this.#ceiling;
    if (!this.#network.isPrompt || (await this.#backends()).length <= ceiling) return;
    // A backend takes a moment to end after the goodbye, and one whose connection was cut ends with its statement.
    await this.#eventually(
      `never more than ${ceiling} backends`,
      async () => (await this.#backends()).length <= ceiling,
    );
  }

  async #backends(): Promise<number[]> {
    const { rows } = await this.#observer.query<{ pid: number }>(BACKENDS, [this.#name]);
    return rows.map(({ pid }) => pid);
  }

  /** What was used up, or lost while there is a minimum, is replaced in the background. */
  #expectQuiet(): Promise<void> {
    return this.#eventually("all connections are idle, and nobody waits", () => {
      const { totalCount, idleCount, waitingCount, connectingCount, closingCount } = this.pool.getStats();
      return totalCount === idleCount && waitingCount + connectingCount + closingCount === 0;
    });
  }

  async #expectService(): Promise<void> {
    // Word of a connection's end may reach us when it was checked out: then it is the holder who learns.
    await this.#eventually("a query works", async () => {
      const client = await this.pool.acquire({ timeoutMs: CALM_MS });
      this.#served++;
      const result = await client
        .query("select 1 as one")
        .catch((error: unknown) => this.#expectKnown("it", error));
      client.release();
      return result?.rows[0].one === 1;
    });
    await this.#expectQuiet();
  }

  async #expectEnd(): Promise<void> {
    this.#end(CALM_MS);
    await this.#eventually("end comes to an end", () => this.#isOver);
    const late = await this.pool.acquire().catch((error: unknown) => error);
    this.#rule("an ended pool refuses", late instanceof PoolClosedError);
    await this.#eventually("no backend is left", async () => (await this.#backends()).length === 0);
  }

  #end(timeoutMs: number): void {
    const ended = this.pool.end({ timeoutMs });
    this.#rule("end is one promise", this.#ended === undefined || this.#ended === ended);
    if (this.#ended === undefined) void ended.then(() => this.#onEnded());
    this.#ended = ended;
  }

  async #onEnded(): Promise<void> {
    // Sockets and timers that were closed say so a few turns later.
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
    const { totalCount, closingCount } = this.pool.getStats();
    this.#rule("an ended pool has no connections", totalCount === 0 && closingCount === 0);
    for (const timer of this.#timers()) this.#violate(`an ended pool has no timers, but one ${timer}`);
    this.#isOver = true;
  }

  #expectKnown(who: string, error: unknown): void {
    this.#rule(`${who} fails for a known reason, not ${error}`, isKnownFailure(error));
  }

  async #eventually(rule: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const wait = waitFor(condition, { timeoutMs: CALM_MS, intervalMs: 2, what: rule });
    this.#rule(rule, await wait.catch(() => false));
  }

  #rules(rules: readonly Rule[]): void {
    for (const [rule, holds] of rules) this.#rule(rule, holds);
  }

  #rule(rule: string, holds: boolean): void {
    if (!holds) this.#violate(rule);
  }

  #violate(rule: string): void {
    const { pool } = this;
    this.violations.push(
      `${rule}: ${JSON.stringify(pool.getStats())} ${JSON.stringify(pool.getTotals().destroyed)}`,
    );
  }
}
