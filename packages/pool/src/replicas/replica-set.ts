import type pg from "pg";
import { ReadTokenError } from "../errors/errors.ts";
import { bytesOf, type ReadToken } from "../query/read-token.ts";
import type { ConnectionSource } from "../transaction/scoped-pool.ts";
import type { FallbackReason } from "./fallback-reason.ts";
import { PRIMARY_STATE, PrimaryHistory, REPLICA_STATE } from "./lag.ts";
import { DEFAULT_MAX_LAG_MS, type ReplicaReadOptions } from "./read-options.ts";

/** How often each server is asked where it is, and how long it may take. */
const MEASURE_EVERY_MS = 1_000;
const MEASURE_TIMEOUT_MS = 900;
/** What was measured longer ago says nothing of a replica. */
const STALE_AFTER_MS = 3_000;
/** A replica that was behind is spared the next question: each one is an error in its log. */
const REST_BEHIND_MS = 20;
const REST_LOST_MS = 1_000;

/** A pool, as far as a replica needs one. */
export interface ReplicaPool extends ConnectionSource {
  getStats(): { readonly usedCount: number; readonly waitingCount: number; readonly max: number };
}

export interface ReplicaOptions {
  readonly host: string;
  readonly port: number;
  readonly pool: ReplicaPool;
  /**
   * What is asked besides where it is, on the same connection: {@link ConnectionBudget}. Nobody waits for it, and what it throws is
   * nobody's news.
   */
  readonly ask?: ((client: pg.PoolClient) => Promise<unknown>) | undefined;
}

export interface ReplicaSetOptions {
  readonly replicas: readonly ReplicaOptions[];
  /** The primary's own pool: it is asked for its position. */
  readonly primary: ConnectionSource;
  /** What reads may use of the primary where no replica serves them: a part of its pool. */
  readonly fallback: ConnectionSource;
  /** Hears of a replica that is not asked any more, and why, and of one that is asked again. */
  readonly onChange?: (replica: ReplicaStats, reason: FallbackReason | undefined) => void;
  /** In milliseconds. @default 1_000 */
  readonly measureEveryMs?: number;
}

/** A replica at this moment. */
export interface ReplicaStats {
  readonly host: string;
  readonly port: number;
  readonly role: "standby" | "primary" | "unknown";
  /** Behind the primary when it was last measured, in milliseconds; absent where that is not known. */
  readonly lagMs?: number;
  /** Whether it receives from the primary; absent where it does not answer. */
  readonly isStreaming?: boolean;
  /** Reads that it has served. */
  readonly reads: number;
  /** Reads that it was asked for, and the primary has served in its place, by reason. */
  readonly fallbacks: Readonly<Partial<Record<FallbackReason, number>>>;
  /** Why it is not asked now, where it is not. */
  readonly skipped?: FallbackReason;
  readonly usedCount: number;
  readonly waitingCount: number;
  readonly max: number;
}

interface Measured {
  readonly atMs: number;
  readonly isStandby: boolean;
  readonly bytes: bigint;
  readonly timeline: number;
  readonly lagMs: number;
  readonly isStreaming: boolean;
}

/** One server that replays the primary's log, and what is known of it. */
export class Replica {
  readonly options: ReplicaOptions;
  readonly fallbacks: Partial<Record<FallbackReason, number>> = {};
  reads = 0;
  /** Until when it is asked for nothing, and for nothing that must be behind a position. */
  restsUntilMs = 0;
  spareTokensUntilMs = 0;
  measured: Measured | undefined;
  /** Measured in vain since it was last measured. */
  isUnreachable = false;
  /** What `onChange` was last told. */
  toldReason: FallbackReason | undefined;

  constructor(options: ReplicaOptions) {
    this.options = options;
  }

  get source(): ConnectionSource {
    return this.options.pool;
  }

  count(reason: FallbackReason): void {
    this.fallbacks[reason] = (this.fallbacks[reason] ?? 0) + 1;
  }
}

interface Choice {
  readonly replica: Replica | undefined;
  /** Why there is none. */
  readonly reason: FallbackReason;
}

/**
 * The replicas of one primary: which of them may serve a read, and what has become of those that were asked. Each has a pool of its
 * own. Where a replica is, and where the primary, is asked once a second, so that a read itself asks nothing.
 */
export class ReplicaSet {
  readonly replicas: readonly Replica[];
  readonly #options: ReplicaSetOptions;
  readonly #history = new PrimaryHistory();
  readonly #skipped: Partial<Record<FallbackReason, number>> = {};
  readonly #timer: NodeJS.Timeout;
  #primary: { readonly timeline: number; readonly bytes: bigint } | undefined;
  #measuring: Promise<void> | undefined;
  #locating: Promise<number | undefined> | undefined;
  #turn = 0;
  #isClosed = false;

  constructor(options: ReplicaSetOptions) {
    this.#options = options;
    this.replicas = options.replicas.map((each) => new Replica(each));
    this.#timer = setInterval(() => void this.measure(), options.measureEveryMs ?? MEASURE_EVERY_MS);
    this.#timer.unref();
    void this.measure();
  }

  get fallback(): ConnectionSource {
    return this.#options.fallback;
  }

  /** Measures no more; the pools are their owner's to end. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  /** Reads that went to the primary without a replica having been asked, by the reason that kept the last of them. */
  get skipped(): Readonly<Partial<Record<FallbackReason, number>>> {
    return { ...this.#skipped };
  }

  getStats(): ReplicaStats[] {
    const nowMs = performance.now();
    return this.replicas.map((replica) => this.#statsOf(replica, nowMs));
  }

  /**
   * A replica that may serve a read: among those that are known to have what it must see, or else all, the least busy one. Nothing
   * is waited for.
   */
  choose({ after, maxLagMs = DEFAULT_MAX_LAG_MS }: ReplicaReadOptions): Choice {
    const nowMs = performance.now();
    // Where there is one, it is asked whether it has it.
    const lsn = after === undefined || this.replicas.length === 1 ? undefined : bytesOf(after.lsn);
    let best: { readonly replica: Replica; readonly rank: number } | undefined;
    let reason: FallbackReason = "none";
    const { length } = this.replicas;
    this.#turn = (this.#turn + 1) % Math.max(1, length);
    for (let index = 0; index < length; index++) {
      const replica = this.replicas[(this.#turn + index) % length];
      if (replica === undefined) continue;
      const refusal = this.#refusalOf(replica, { after, maxLagMs }, nowMs);
      if (refusal !== undefined) {
        reason = refusal;
        continue;
      }
      const { usedCount, waitingCount, max } = replica.options.pool.getStats();
      const isKnownToHave = lsn === undefined || (replica.measured?.bytes ?? 0n) >= lsn;
      const rank = (usedCount + waitingCount) / max + (isKnownToHave ? 0 : 1_000_000);
      if (best === undefined || rank < best.rank) best = { replica, rank };
    }
    if (best === undefined) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    return { replica: best?.replica, reason };
  }

  /** Notes that a replica could not serve what it was asked for. */
  noteFallback(replica: Replica, reason: FallbackReason): void {
    replica.count(reason);
    const nowMs = performance.now();
    if (reason === "behind") replica.spareTokensUntilMs = nowMs + REST_BEHIND_MS;
    if (reason === "lost") replica.restsUntilMs = nowMs + REST_LOST_MS;
  }

  /** Notes a position that the primary has told behind a write. */
  notePosition({ timeline, lsn }: ReadToken): void {
    const known = this.#primary;
    const bytes = bytesOf(lsn);
    if (timeline === 0 || (known !== undefined && timeline < known.timeline)) return;
    if (known === undefined || timeline > known.timeline || bytes > known.bytes)
      this.#primary = { timeline, bytes };
  }

  /**
   * Asks the primary, where a position that no replica has is further than the primary was known to be.
   *
   * @throws {ReadTokenError} the primary says that it has not come to it: it is another database's, or nobody's. A primary that does
   * not answer says nothing.
   */
  async checkToken(token: ReadToken): Promise<void> {
    if (token.timeline === 0 || !this.#isAhead(token)) return;
    await this.#locating; // asked before, and maybe answered from before the write
    if (!this.#isAhead(token)) return;
    this.#locating ??= this.#locatePrimary().finally(() => {
      this.#locating = undefined;
    });
    const hasAnswered = (await this.#locating) !== undefined;
    if (hasAnswered && this.#isAhead(token))
      throw new ReadTokenError("a read token is ahead of the primary: it is none of this database's");
  }

  #isAhead({ timeline, lsn }: ReadToken): boolean {
    const known = this.#primary;
    if (known === undefined) return false; // not to be judged: the primary itself serves the read
    return timeline > known.timeline || (timeline === known.timeline && bytesOf(lsn) > known.bytes);
  }

  /** Asks every server where it is. Never rejects; calls at one time share one answer. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measureAll().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #measureAll(): Promise<void> {
    if (this.#isClosed) return;
    const clockMs = await this.#locatePrimary();
    await Promise.all(this.replicas.map((replica) => this.#measureReplica(replica, clockMs)));
    const nowMs = performance.now();
    for (const replica of this.replicas) this.#tell(replica, nowMs);
  }

  /** @returns the primary's clock, where it has answered. */
  async #locatePrimary(): Promise<number | undefined> {
    const row = await ask(this.#options.primary, PRIMARY_STATE);
    if (typeof row?.lsn !== "string" || typeof row.timeline !== "number") return undefined;
    const bytes = bytesOf(row.lsn);
    const known = this.#primary;
    const isSame = known !== undefined && known.timeline === row.timeline;
    this.#history.add(row.lsn, performance.now());
    this.#primary = isSame && known.bytes > bytes ? known : { timeline: row.timeline, bytes };
    return typeof row.clockMs === "number" ? row.clockMs : undefined;
  }

  async #measureReplica(replica: Replica, clockMs: number | undefined): Promise<void> {
    const row = await ask(replica.source, REPLICA_STATE, replica.options.ask);
    replica.isUnreachable = row === undefined;
    if (row === undefined) return;
    const { isStandby, lsn, replayedAtMs, receivers, timeline } = row;
    const atMs = performance.now();
    const isKnown = typeof replayedAtMs === "number" && clockMs !== undefined;
    const place = typeof lsn === "string" ? lsn : "0/0";
    const isStreaming = Number(receivers) > 0;
    const lagMs = this.#history.lagMs(place, atMs, isKnown ? clockMs - replayedAtMs : undefined);
    // Where neither the primary answers nor anything comes from it, nobody knows of what it has written since.
    const unknownMs = isStreaming ? 0 : this.#history.ageMs(atMs);
    replica.measured = {
      atMs,
      isStandby: isStandby === true,
      bytes: bytesOf(place),
      timeline: Number(timeline),
      lagMs: unknownMs > STALE_AFTER_MS ? Math.max(lagMs, unknownMs) : lagMs,
      isStreaming,
    };
  }

  #refusalOf(
    replica: Replica,
    { after, maxLagMs }: { after: ReadToken | undefined; maxLagMs: number },
    nowMs: number,
  ): FallbackReason | undefined {
    const { measured } = replica;
    if (measured === undefined) return replica.isUnreachable ? "unreachable" : "unmeasured";
    if (replica.isUnreachable || nowMs - measured.atMs > STALE_AFTER_MS) return "unreachable";
    if (!measured.isStandby) return "promoted";
    if (!measured.isStreaming && measured.lagMs > 0) return "receiver";
    if (measured.lagMs > maxLagMs) return "lag";
    // On another timeline the same position is another place.
    if (after !== undefined) {
      const isPrimarys = after.timeline === this.#primary?.timeline;
      if (!isPrimarys || after.timeline !== measured.timeline) return "timeline";
    }
    const restsUntilMs = after === undefined ? 0 : replica.spareTokensUntilMs;
    if (nowMs < Math.max(replica.restsUntilMs, restsUntilMs)) return "resting";
    const { usedCount, waitingCount, max } = replica.options.pool.getStats();
    return usedCount >= max && waitingCount > 0 ? "saturated" : undefined;
  }

  #statsOf(replica: Replica, nowMs: number): ReplicaStats {
    const { measured, reads, fallbacks, options } = replica;
    const { host, port, pool } = options;
    const { usedCount, waitingCount, max } = pool.getStats();
    const skipped = this.#refusalOf(replica, { after: undefined, maxLagMs: DEFAULT_MAX_LAG_MS }, nowMs);
    const isKnown = measured !== undefined && skipped !== "unreachable";
    return {
      host,
      port,
      role: !isKnown ? "unknown" : measured.isStandby ? "standby" : "primary",
      ...(isKnown && Number.isFinite(measured.lagMs) && { lagMs: Math.round(measured.lagMs) }),
      ...(isKnown && { isStreaming: measured.isStreaming }),
      reads,
      fallbacks: { ...fallbacks },
      ...(skipped !== undefined && { skipped }),
      usedCount,
      waitingCount,
      max,
    };
  }

  /** What passes within milliseconds is nobody's news. */
  #tell(replica: Replica, nowMs: number): void {
    const stats = this.#statsOf(replica, nowMs);
    const isBrief = stats.skipped === "resting" || stats.skipped === "saturated";
    if (isBrief || stats.skipped === replica.toldReason) return;
    replica.toldReason = stats.skipped;
    this.#options.onChange?.(stats, stats.skipped);
  }
}

/** The row that a server answers with; nothing where it does not. @param also keeps the connection for as long as it takes. */
async function ask(
  source: ConnectionSource,
  text: string,
  also?: ReplicaOptions["ask"],
): Promise<Record<string, unknown> | undefined> {
  let client: pg.PoolClient | undefined;
  try {
    client = await source.acquire({ timeoutMs: MEASURE_TIMEOUT_MS });
    const statement: pg.QueryConfig & { query_timeout: number } = { text, query_timeout: MEASURE_TIMEOUT_MS };
    const { rows } = await client.query<Record<string, unknown>>(statement);
    if (also === undefined) client.release();
    else void askAlso(client, also);
    return rows[0];
  } catch (error) {
    client?.release(error instanceof Error ? error : true);
    return undefined;
  }
}

async function askAlso(client: pg.PoolClient, also: NonNullable<ReplicaOptions["ask"]>): Promise<void> {
  try {
    await also(client);
  } catch {
    // Its maker's affair, and no reason not to read from the replica.
  }
  client.release();
}
