import {
  AcquireTimeoutError,
  type ConnectionSource,
  connectionsHeldBy,
  DurationHistogram,
  type Histogram,
  NestedAcquireError,
  PoolSaturatedError,
  type PromisedWaiter,
  signalOf,
  WaitQueue,
  waitIn,
} from "@openhouse/pool";

/** What a share needs of a pool. */
interface WholePool extends ConnectionSource {
  readonly options: { readonly max?: number | undefined };
  on(event: "release", listener: (error: unknown, client: object) => void): unknown;
}

/** What a kind of work has of the pool at this moment. */
export interface ShareStats {
  /** Connections that this work holds, or waits for in the pool's own line. */
  readonly usedCount: number;
  /** Callers who wait for their turn in the share; the pool does not know of them. */
  readonly waitingCount: number;
  readonly max: number;
}

/** What has happened in a share since it was made. */
export interface ShareTotals {
  /** How long callers have waited for their turn. */
  readonly wait: Histogram;
  /** Whose turn did not come in time. */
  readonly timeouts: number;
  /** Who gave up. */
  readonly canceled: number;
  /** Who found no place to wait. */
  readonly shed: number;
}

/** Whose share it is, and how large. */
export interface ShareOptions {
  /** For error messages, such as `background work`. */
  readonly name: string;
  /** How many connections at once, of a pool with so many. At least 1 is given. */
  readonly maxOf: (poolMax: number) => number;
  /** How long a caller waits for a turn, in milliseconds. */
  readonly turnTimeoutMs: number;
  /** Callers that may wait; then the next is refused, or the last of a tenant that has more of the places. @default no bound */
  readonly maxWaiting?: number;
}

/**
 * The part of a pool that one kind of work may use. Who finds the share in use waits here, where tenants take turns as in the
 * pool's own line, so that other callers never have more of this work in front of them there than the share.
 */
export class PoolShare implements ConnectionSource {
  /** The pool whose connections these are: it has to know who holds them, to tell of a deadlock. */
  readonly wholePool: WholePool;
  readonly #options: ShareOptions;
  readonly #checkedOut = new Set<object>();
  readonly #waitQueue = new WaitQueue<PromisedWaiter<void>>({
    timeoutError: (timeoutMs) => this.#timeoutError(timeoutMs),
    onLeave: (outcome) => {
      this.#left[outcome]++;
    },
  });
  readonly #wait = new DurationHistogram();
  readonly #left = { timeouts: 0, canceled: 0 };
  #shed = 0;
  #used = 0;

  constructor(pool: WholePool, options: ShareOptions) {
    this.wholePool = pool;
    this.#options = options;
    // Not the client's own `release`: a connection can be reclaimed without its holder.
    pool.on("release", (_error, client) => {
      if (this.#checkedOut.delete(client)) this.#used--;
      this.#serve(); // also after another's return: the pool may have been made larger meanwhile
    });
  }

  get wantsCallSites(): boolean {
    return this.wholePool.wantsCallSites;
  }

  get acquireLimitMs(): number {
    return this.wholePool.acquireLimitMs ?? 0;
  }

  /** Read at each turn: a pool can be resized. */
  get max(): number {
    return this.maxOf(this.wholePool.options.max ?? 1);
  }

  /** How large it is in a pool of so many connections. */
  maxOf(poolMax: number): number {
    return Math.max(1, this.#options.maxOf(poolMax));
  }

  getStats(): ShareStats {
    return { usedCount: this.#used, waitingCount: this.#waitQueue.size, max: this.max };
  }

  getTotals(): ShareTotals {
    return { wait: this.#wait.snapshot(), ...this.#left, shed: this.#shed };
  }

  /**
   * Checks out a connection of the pool's, when it is the caller's turn.
   *
   * @throws {PoolSaturatedError} as many wait for a turn as may, and the caller's tenant has its part of these places.
   * @throws {AcquireTimeoutError} the turn did not come in time, or the pool had no connection by its own deadline.
   * @throws {NestedAcquireError} the running code holds a connection of this pool already.
   * @throws the signal's reason.
   */
  async acquire(
    options?: Parameters<ConnectionSource["acquire"]>[0],
  ): ReturnType<ConnectionSource["acquire"]> {
    if (connectionsHeldBy(this.wholePool).length > 0) {
      throw new NestedAcquireError(
        `${this.#options.name} that holds a connection asks for another one, which may be the whole share: ` +
          "inside a transaction use its own handle",
      );
    }
    const askedAtMs = performance.now();
    await this.#turn(options);
    this.#wait.record(performance.now() - askedAtMs);
    try {
      const client = await this.wholePool.acquire(options);
      this.#checkedOut.add(client);
      return client;
    } catch (error) {
      this.#used--;
      this.#serve();
      throw error;
    }
  }

  async query(...statement: Parameters<ConnectionSource["query"]>): ReturnType<ConnectionSource["query"]> {
    const client = await this.acquire({ signal: signalOf(statement[0]) });
    try {
      const result = await client.query(...statement);
      client.release();
      return result;
    } catch (error) {
      client.release(error instanceof Error ? error : true);
      throw error;
    }
  }

  #turn({ signal, tenant }: NonNullable<Parameters<ConnectionSource["acquire"]>[0]> = {}): Promise<void> {
    signal?.throwIfAborted(); // before anybody makes room
    if (this.#used < this.max && this.#waitQueue.size === 0) {
      this.#used++;
      return Promise.resolve();
    }
    const { name, turnTimeoutMs, maxWaiting = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#waitQueue.size >= maxWaiting) {
      this.#shed++;
      const error = new PoolSaturatedError(
        `${name} has no place left to wait for its turn: its share of the pool is ${this.max}, ` +
          `${this.#waitQueue.size} waiting`,
      );
      const crowdedOut = this.#waitQueue.crowdedOutBy(tenant);
      if (crowdedOut === undefined) throw error;
      crowdedOut.reject(error);
    }
    const turn = waitIn(this.#waitQueue, { timeoutMs: turnTimeoutMs, signal, group: tenant });
    this.#serve();
    return turn;
  }

  /** Hands out the turns that there are, tenant by tenant; where the pool has shrunk, there may be none. */
  #serve(): void {
    while (this.#used < this.max) {
      const waiter = this.#waitQueue.next();
      if (waiter === undefined) return;
      this.#used++;
      waiter.resolve();
    }
  }

  #timeoutError(timeoutMs: number): AcquireTimeoutError {
    const { max } = this;
    return new AcquireTimeoutError(
      `${this.#options.name} did not get its turn within ${timeoutMs} ms: its share of the pool is ${max}, ` +
        `${this.#waitQueue.size} waiting`,
    );
  }
}
