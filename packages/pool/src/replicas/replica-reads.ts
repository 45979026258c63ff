import type pg from "pg";
import { BatchError, MisplacedStatementError, TransactionOptionsError } from "../errors/errors.ts";
import { isDatabaseError } from "../errors/server-answer.ts";
import { guarded, isSameScope, readOnly, type SettingsFor } from "../query/local-settings.ts";
import { isRead } from "../query/scoped-query.ts";
import { isSubmittable } from "../query/submittable.ts";
import type { CallSite } from "../telemetry/call-site.ts";
import { type BatchOptions, isAtomic, type SeparateBatchOptions } from "../transaction/batch.ts";
import { openBatchSlot } from "../transaction/batch-slot.ts";
import { type ConnectionSource, ScopedPool } from "../transaction/scoped-pool.ts";
import { located, type QueryInput, textOf, withValues } from "../transaction/transaction-client.ts";
import { fallbackReasonOf } from "./fallback-reason.ts";
import type { ReplicaReadOptions } from "./read-options.ts";
import type { ReplicaSet } from "./replica-set.ts";

/** Whose reads they are, and what of. */
export interface ReadTarget {
  /** Asked for at every use. Without one, all goes to the primary. */
  readonly replicas: () => ReplicaSet | undefined;
  readonly primary: () => ConnectionSource;
  readonly settings: SettingsFor;
  readonly options: ReplicaReadOptions;
}

/** SQLSTATE of a write in a transaction that takes none. */
const READ_ONLY = "25006";

/**
 * A scope's reads: each goes to a replica that has what it must see, else to the primary. Reads are safe to send twice, so that what
 * a replica cannot serve is no caller's error. A write is refused before anything is sent; what only the server can tell to write,
 * such as a function, is refused there, as each read is sent in a transaction that takes no writes, wherever it goes.
 */
export class ReplicaReads {
  /** Set by hand, because a bundler that minifies would change it. */
  static readonly name = "ReplicaReads";

  readonly #target: ReadTarget;
  readonly #callSite: CallSite | undefined;

  constructor(target: ReadTarget, callSite?: CallSite) {
    this.#target = target;
    this.#callSite = callSite;
  }

  at(callSite: CallSite): ReplicaReads {
    return new ReplicaReads(this.#target, callSite);
  }

  /** Whether another one's statements may be in one batch with this one's. */
  isSameScope(other: object): boolean {
    if (!(other instanceof ReplicaReads)) return false;
    const [one, two] = [this.#target, other.#target];
    return one === two || (isSameRead(one.options, two.options) && isSameScope(one.settings, two.settings));
  }

  /**
   * @throws {MisplacedStatementError} the statement is no read, and nothing was sent; or it calls what writes, or locks rows, which
   * the server has refused: nothing of it was kept, and `cause` is the server's error, 25006.
   * @throws {ReadTokenError} the position that it must see is ahead of the primary.
   * @throws {ReplicaUnavailableError} no replica could serve it, and the primary has as many such reads as it may have.
   */
  async query(statement: QueryInput, values?: unknown[]): Promise<pg.QueryResult> {
    const slot = openBatchSlot();
    if (slot !== undefined)
      return await slot.take(this, withValues(located(statement, this.#callSite), values));
    refuseWrite(statement);
    const { signal } = statement as { signal?: AbortSignal };
    return await this.#read(signal, (pool) => pool.query(statement, values));
  }

  /** As {@link ScopedPool.batch}: all of it on one server. Errors as of {@link query}. */
  batch(
    statements: readonly QueryInput[],
    options: SeparateBatchOptions,
  ): Promise<PromiseSettledResult<pg.QueryResult>[]>;
  batch(statements: readonly QueryInput[], options?: BatchOptions): Promise<pg.QueryResult[]>;
  async batch(
    statements: readonly QueryInput[],
    options: BatchOptions | SeparateBatchOptions = {},
  ): Promise<pg.QueryResult[] | PromiseSettledResult<pg.QueryResult>[]> {
    const { signal, timeoutMs } = options;
    if (!isAtomic(options))
      throw new TransactionOptionsError("a batch of reads is one transaction; nothing was sent");
    for (const statement of statements) refuseWrite(statement);
    return await this.#read(signal, (pool) => pool.batch(statements, { signal, timeoutMs }));
  }

  async #read<T>(signal: AbortSignal | undefined, work: (pool: ScopedPool) => Promise<T>): Promise<T> {
    const { replicas, primary, settings, options } = this.#target;
    const set = replicas();
    if (set === undefined) return await this.#readAt(primary, settings, work);
    const { after } = options;
    const { replica } = set.choose(options);
    if (replica !== undefined) {
      const onReplica = after === undefined ? settings : guarded(settings, after.lsn);
      try {
        const result = await this.#workAt(() => replica.source, onReplica, work);
        replica.reads++;
        return result;
      } catch (error) {
        const reason = signal?.aborted ? undefined : fallbackReasonOf(error);
        if (reason === undefined) throw error;
        set.noteFallback(replica, reason);
      }
    }
    if (after !== undefined) await set.checkToken(after);
    return await this.#readAt(() => set.fallback, settings, work);
  }

  /** Of the primary, which tells what a replica could not: whether the statement itself is at fault. */
  async #readAt<T>(
    source: () => ConnectionSource,
    settings: SettingsFor,
    work: (pool: ScopedPool) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#workAt(source, settings, work);
    } catch (error) {
      throw refusedWrite(error);
    }
  }

  async #workAt<T>(
    source: () => ConnectionSource,
    settings: SettingsFor,
    work: (pool: ScopedPool) => Promise<T>,
  ): Promise<T> {
    return await work(new ScopedPool(source, readOnly(settings), this.#callSite));
  }
}

function isSameRead(one: ReplicaReadOptions, other: ReplicaReadOptions): boolean {
  return one.maxLagMs === other.maxLagMs && String(one.after) === String(other.after);
}

function refuseWrite(statement: QueryInput): void {
  if (!isSubmittable(statement) && isRead(textOf(statement))) return;
  throw new MisplacedStatementError(
    "a replica takes reads only: write on the handle that onReplica() was called on; nothing was sent",
  );
}

/** What the caller is told: that the statement writes, where the server has refused it for that. */
function refusedWrite(error: unknown): unknown {
  if (error instanceof BatchError) {
    const cause = refusedWrite(error.cause);
    return cause === error.cause ? error : new BatchError(error.message, error.index, { cause });
  }
  if (!isDatabaseError(error) || error.code !== READ_ONLY) return error;
  return new MisplacedStatementError(
    "a replica takes reads only, and this one calls what writes, or locks rows: use the handle that onReplica() was called on; nothing was kept",
    { cause: error },
  );
}
