import pg from "pg";
import { CommitUnknownError, StatementTimeoutError } from "../../src/errors/errors.ts";
import type { Pool } from "../../src/pool.ts";
import { type RetryBudget, withRetry } from "../../src/retry.ts";
import { type Scoped, scoped } from "../../src/tenants.ts";
import { ScopedPool } from "../../src/transaction/scoped-pool.ts";
import { isRefusal } from "../model/calls.ts";
import type { Interruption, LifeOptions, Operation, Part } from "./plan.ts";
import { SQL, TAINTS, TENANT, type Text } from "./statements.ts";
import { type Call, codeOf, HOOK_CODE, type Outcome, type Witness } from "./witness.ts";

export interface CallerContext {
  readonly pool: Pool;
  readonly witness: Witness;
  readonly budget: RetryBudget;
  readonly options: LifeOptions;
}

type Step<Name> = Extract<Operation, { do: Name }>;

/** Errors of the simulated statements' own. */
const OWN = { violation: "23505", refusedAtCommit: "23503", conflict: "40001" } as const;
/** What a statement within a transaction fails with that has failed, or for which the caller has waited too long. */
const AFTERWARDS = ["25P02", "STATEMENT_TIMEOUT", "TRANSACTION_ABORTED"];

/** The mistake of a transaction's own code. */
class OwnError extends Error {
  readonly code = "OWN";
}

/** Does one thing after the other, and tells the witness what it was told. */
export class Caller {
  readonly #context: CallerContext;
  readonly #tenant: string;
  readonly #scoped: Scoped;
  readonly #unscoped: ScopedPool;
  #name = "";

  constructor(index: number, context: CallerContext) {
    this.#context = context;
    this.#tenant = `t${index}`;
    this.#scoped = scoped(context.pool, { [TENANT]: this.#tenant });
    this.#unscoped = new ScopedPool(() => context.pool);
  }

  async live(operations: readonly Operation[], nextId: () => number): Promise<void> {
    for (const operation of operations) {
      if (operation.pauseMs > 0) await pause(operation.pauseMs);
      this.#name = String(nextId());
      this.#context.witness.note(() => `${this.#name} ${JSON.stringify(operation)}`);
      await this.#do(operation);
    }
  }

  #do(operation: Operation): Promise<void> | void {
    const { pool, witness } = this.#context;
    switch (operation.do) {
      case "read":
        return this.#read(operation, operation.text, operation.isNamed);
      case "slowRead":
        return this.#read(operation, "slowRead", false, operation.ms);
      case "write":
        return this.#write(operation);
      case "violation":
        return this.#violation(operation);
      case "transaction":
        return this.#transaction(operation);
      case "manual":
        return this.#manual(operation);
      case "taint":
        return this.#taint(operation);
      case "caughtError":
        return this.#caughtError();
      case "hold":
        return this.#hold(operation);
      case "retry":
        return this.#retry(operation);
      case "inOrder":
        return this.#inOrder(operation);
      case "resize":
        pool.resize({ max: operation.max, min: Math.min(operation.min, operation.max) });
        return witness.resized(operation.max);
      case "drain":
        return pool.drain();
      case "warmUp":
        return void pool.warmUp().catch(() => {});
      case "end":
        witness.ended(operation.timeoutMs);
        return void pool.end({ timeoutMs: operation.timeoutMs });
    }
  }

  #parameter(prefix: string, isScoped: boolean): string {
    return `${prefix}${this.#name}${isScoped ? `@${this.#tenant}` : ""}`;
  }

  /** One statement of the pool's, within the scope or without. */
  async #query(
    text: string,
    values: string[],
    {
      isScoped,
      name,
      interruption = {},
      ownCodes = [],
    }: { isScoped: boolean; name?: string; interruption?: Interruption; ownCodes?: readonly string[] },
  ): Promise<{ error: unknown; gaveUp: boolean } | undefined> {
    const { pool, witness, options } = this.#context;
    const { limitMs, abortMs } = interruption;
    const controller = new AbortController();
    const timer =
      abortMs === undefined ? undefined : setTimeout(() => controller.abort(new Error("gave up")), abortMs);
    const config = {
      text,
      values,
      ...(name !== undefined && { name }),
      ...(limitMs !== undefined && { query_timeout: limitMs }),
      ...(abortMs !== undefined && { signal: controller.signal }),
    };
    const call = witness.call(values[0] ?? "", {
      ownCodes: [...ownCodes, "STATEMENT_TIMEOUT"],
      limitMs: options.connectionTimeoutMillis,
    });
    witness.countQuery();
    try {
      await (isScoped ? this.#scoped : pool).query(config);
      witness.served(call);
      return undefined;
    } catch (error) {
      const gaveUp = controller.signal.aborted && error === controller.signal.reason;
      witness.failed(call, error, gaveUp);
      if (!text.startsWith("insert")) witness.failedRead(call, error);
      return { error, gaveUp };
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(
    interruption: Interruption & { isScoped: boolean },
    text: Text,
    isNamed: boolean,
    ms?: number,
  ): Promise<void> {
    const parameter = this.#parameter("o", interruption.isScoped);
    const values = ms === undefined ? [parameter] : [parameter, String(ms)];
    await this.#query(SQL[text], values, {
      isScoped: interruption.isScoped,
      interruption,
      ...(isNamed && { name: text }),
    });
  }

  async #write(operation: Step<"write">): Promise<void> {
    const { text, ms, isScoped } = operation;
    const key = this.#parameter("w", isScoped);
    const values = text === "write" ? [key] : [key, String(ms)];
    const failure = await this.#query(SQL[text], values, { isScoped, interruption: operation });
    const { witness } = this.#context;
    if (failure === undefined) return witness.tell(key, "done");
    const { error, gaveUp } = failure;
    witness.tell(key, gaveUp ? "unknown" : outcomeOf(error, isScoped), { error });
  }

  async #violation({ isScoped }: Step<"violation">): Promise<void> {
    const key = this.#parameter("w", isScoped);
    const failure = await this.#query(SQL.violation, [key], { isScoped, ownCodes: [OWN.violation] });
    if (failure === undefined)
      this.#context.witness.violate("wrong word", `${key} violates a constraint unnoticed`);
    this.#context.witness.tell(key, "not", { error: failure?.error });
  }

  async #transaction({ parts, isScoped, swallows, throws }: Step<"transaction">): Promise<void> {
    const { witness, options } = this.#context;
    const keys: string[] = [];
    const swallowed = new Set<string>();
    let thrown: unknown;
    const call = witness.call(`t${this.#name}`, {
      ownCodes: ownCodesOf(parts),
      limitMs: options.connectionTimeoutMillis,
    });
    witness.countQuery();
    try {
      await (isScoped ? this.#scoped : this.#unscoped).transaction(async (client) => {
        witness.served(call);
        for (const [index, part] of parts.entries()) {
          try {
            await this.#part(client, part, `${index}`, isScoped, keys);
          } catch (error) {
            if (swallows) {
              swallowed.add(keys.at(-1) ?? "");
              continue;
            }
            thrown ??= error;
            throw error;
          }
        }
        if (throws) {
          thrown = new OwnError("the transaction's own");
          throw thrown;
        }
      });
      // Where BEGIN itself has failed, the next statement begins: what was told as failed is not part of it.
      for (const key of keys) witness.tell(key, swallowed.has(key) ? "not" : "done");
    } catch (error) {
      witness.failed(call, error, false);
      if (thrown !== undefined && error !== thrown)
        witness.violate("masked error", `${call.name} threw ${codeOf(thrown)} and is told ${codeOf(error)}`);
      const outcome: Outcome = error instanceof CommitUnknownError ? "unknown" : "not";
      for (const key of keys) witness.tell(key, outcome, { error });
    }
  }

  /** One step of a transaction. What has failed at the server may still be told as not done: `keys` has every write. */
  async #part(
    client: { query(text: string, values: string[]): Promise<unknown> },
    part: Part,
    index: string,
    isScoped: boolean,
    keys: string[],
  ): Promise<void> {
    if (part.text === "pause") return pause(part.ms);
    const parameter = this.#parameter(part.text === "read" ? "o" : "w", isScoped).replace(
      /@|$/,
      (end) => `.${index}${end}`,
    );
    const values = "ms" in part ? [parameter, String(part.ms)] : [parameter];
    if (part.text === "read") return void (await client.query(SQL.read, values));
    keys.push(parameter);
    await client.query(SQL[part.text], values);
  }

  async #manual({ parts }: Step<"manual">): Promise<void> {
    const { witness } = this.#context;
    const client = await this.#acquire(ownCodesOf(parts));
    if (client === undefined) return;
    const keys: string[] = [];
    let isCommitting = false;
    let outcome: Outcome = "not";
    let failure: unknown;
    try {
      await client.query("begin");
      for (const [index, part] of parts.entries()) await this.#part(client, part, `${index}`, false, keys);
      isCommitting = true;
      const { command } = await client.query("commit");
      outcome = command === "COMMIT" ? "done" : "not";
    } catch (error) {
      failure = error;
      if (isCommitting) outcome = outcomeOf(error, false);
      this.#expectKnown("manual", error, ownCodesOf(parts));
      await client.query("rollback").catch(() => {});
    }
    for (const key of keys) witness.tell(key, outcome, { error: failure });
    client.release();
  }

  async #taint({ taints, how, leavesRunning }: Step<"taint">): Promise<void> {
    const { witness } = this.#context;
    const client = await this.#acquire();
    if (client === undefined) return;
    await this.#look(client);
    for (const taint of taints)
      await client
        .query(TAINTS[taint])
        .catch((error: unknown) => this.#expectKnown("taint", error, ["25P02"]));
    if (leavesRunning) {
      witness.leftRunning++;
      client.query(SQL.slowRead, [this.#parameter("o", false), "30"]).catch(() => {});
    }
    if (how === "error") witness.returnedWithError++;
    if (how === "clean") client.release();
    else client.release(how === "destroy" ? true : new Error("the holder's own trouble"));
  }

  async #look(client: pg.PoolClient): Promise<void> {
    const { witness } = this.#context;
    if (client.getTransactionStatus() !== "I")
      witness.violate("session passed on", `${this.#name} is in a transaction`);
    try {
      const { rows } = await client.query<{ state: string }>(SQL.look, [this.#parameter("o", false)]);
      witness.look(this.#name, rows[0]?.state ?? null);
    } catch (error) {
      this.#expectKnown("look", error);
    }
  }

  async #caughtError(): Promise<void> {
    const client = await this.#acquire();
    if (client === undefined) return;
    try {
      await client.query(SQL.violation, [this.#parameter("w", false)]);
    } catch (error) {
      this.#expectKnown("caught error", error, [OWN.violation]);
    } finally {
      client.release();
    }
  }

  async #hold({ ms, abortMs, timeoutMs }: Step<"hold">): Promise<void> {
    const client = await this.#acquire([], abortMs, timeoutMs);
    if (client === undefined) return;
    await this.#look(client);
    await pause(ms);
    client.release();
  }

  async #retry({
    writes,
    isTransaction,
    hasConflict,
    isIdempotent,
    holdsBetweenMs,
  }: Step<"retry">): Promise<void> {
    const { witness, budget, options } = this.#context;
    const keys = Array.from({ length: writes }, (_, index) => `w${this.#name}.${index}`);
    const names = [...keys];
    const conflict = `w${this.#name}.c`;
    if (hasConflict && isTransaction) keys.push(conflict);
    let attempts = 0;
    const limits = { ownCodes: [...AFTERWARDS, OWN.conflict], limitMs: options.connectionTimeoutMillis };
    const one = async (key: string, run: (call: Call) => Promise<unknown>) => {
      const call = witness.call(key, limits);
      witness.countQuery();
      try {
        await run(call);
        witness.served(call);
      } catch (error) {
        witness.failed(call, error, false);
        throw error;
      }
    };
    const separately = async () => {
      for (const key of names) {
        await one(key, () => this.#context.pool.query(SQL.write, [key]));
        if (holdsBetweenMs > 0) await pause(holdsBetweenMs);
      }
    };
    const together = () =>
      one(`t${this.#name}`, (call) =>
        this.#unscoped.transaction(async (client) => {
          witness.served(call);
          for (const key of names) await client.query(SQL.write, [key]);
          if (holdsBetweenMs > 0) await pause(holdsBetweenMs);
          if (hasConflict) await client.query(SQL.conflict, [conflict]);
        }),
      );
    const work = () => {
      attempts++;
      return isTransaction ? together() : separately();
    };
    try {
      await withRetry(work, budget, { idempotent: isIdempotent });
      for (const key of keys) witness.tell(key, "done", { isIdempotent: isIdempotent && !isTransaction });
    } catch (error) {
      const outcome = isTransaction && !(error instanceof CommitUnknownError) ? "not" : "unknown";
      for (const key of keys)
        witness.tell(key, outcome, {
          isIdempotent: isIdempotent && !isTransaction,
          error: isTransaction ? error : undefined,
        });
    }
    witness.note(() => `${this.#name} took ${attempts} attempts`);
  }

  async #inOrder({ count }: Step<"inOrder">): Promise<void> {
    const client = await this.#acquire();
    if (client === undefined) return;
    const order: number[] = [];
    const reads = Array.from({ length: count }, async (_, index) => {
      try {
        await client.query(index === 0 ? SQL.readAll : SQL.read, [`o${this.#name}`]);
      } catch (error) {
        this.#expectKnown("one of several", error);
        // The deadline of one that was never sent is over at once, that of another when the server has confirmed it.
        if (codeOf(error) === "STATEMENT_TIMEOUT") return;
      }
      order.push(index);
    });
    await Promise.all(reads);
    if (order.some((index, place) => index < (order[place - 1] ?? 0)))
      this.#context.witness.violate("out of order", `${this.#name} was answered in the order ${order}`);
    client.release();
  }

  async #acquire(
    ownCodes: readonly string[] = [],
    abortMs?: number,
    timeoutMs?: number,
  ): Promise<pg.PoolClient | undefined> {
    const { pool, witness, options } = this.#context;
    const controller = new AbortController();
    const timer =
      abortMs === undefined ? undefined : setTimeout(() => controller.abort(new Error("gave up")), abortMs);
    const limitMs = timeoutMs ?? options.connectionTimeoutMillis;
    const call: Call = witness.call(`a${this.#name}`, { ownCodes, limitMs });
    try {
      const client = await pool.acquire({
        timeoutMs,
        ...(abortMs !== undefined && { signal: controller.signal }),
      });
      witness.served(call);
      witness.countServed();
      return client;
    } catch (error) {
      const gaveUp = controller.signal.aborted && error === controller.signal.reason;
      witness.failed(call, error, gaveUp);
      if (!gaveUp && !isRefusal(error) && codeOf(error) !== HOOK_CODE)
        witness.violate("wrong word", `a${this.#name} was refused for no known reason: ${error}`);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  #expectKnown(what: string, error: unknown, ownCodes: readonly string[] = []): void {
    const { witness } = this.#context;
    const call: Call = witness.call(`${what} ${this.#name}`, {
      ownCodes: [...ownCodes, ...AFTERWARDS],
      limitMs: 0,
    });
    call.isWaiting = false;
    witness.failed(call, error, false);
  }
}

/** What the error of a write says of it. A single statement that was lost without a scope may have been kept: pg says no more. */
function outcomeOf(error: unknown, isScoped: boolean): Outcome {
  if (error instanceof CommitUnknownError) return "unknown";
  if (error instanceof StatementTimeoutError) return error.outcomeKnown ? "not" : "unknown";
  if (isRefusal(error) || isScoped) return "not";
  return error instanceof pg.DatabaseError && error.severity !== "FATAL" ? "not" : "unknown";
}

function ownCodesOf(parts: readonly Part[]): string[] {
  const own = parts.flatMap(({ text }) => (text in OWN ? OWN[text as keyof typeof OWN] : []));
  return [...own, ...AFTERWARDS, "OWN"];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
