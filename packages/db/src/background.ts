import {
  AcquireTimeoutError,
  type ConnectionSource,
  connectionsHeldBy,
  NestedAcquireError,
  type PromisedWaiter,
  signalOf,
  WaitQueue,
  waitIn,
} from "@openhouse/pool";

/** What the share needs of a pool. */
interface WholePool extends ConnectionSource {
  readonly options: { readonly max?: number | undefined };
  on(event: "release", listener: (error: unknown, client: object) => void): unknown;
}

/** What background work has of the pool at this moment. */
export interface BackgroundStats {
  /** Connections that background work holds, or waits for in the pool's own line. */
  readonly usedCount: number;
  /** Callers who wait for their turn in the share; the pool does not know of them. */
  readonly waitingCount: number;
  readonly max: number;
}

/** How long background work waits for its turn, in milliseconds: nobody sits in front of a screen for it. */
const TURN_TIMEOUT_MS = 30_000;
/** One connection of so many is for background work. */
const SHARE = 4;

/**
 * The part of a pool that background work may use: `max(1, floor(pool's max / 4))` connections at once. The rest of the
 * background callers wait here, first come first served, and not in the pool's own line, so that a request never has
 * more of them in front of it than the share.
 */
export class BackgroundShare implements ConnectionSource {
  /** The pool whose connections these are: it has to know who holds them, to tell of a deadlock. */
  readonly wholePool: WholePool;
  readonly #turnTimeoutMs: number;
  readonly #checkedOut = new Set<object>();
  readonly #waitQueue = new WaitQueue<PromisedWaiter<void>>({
    timeoutError: (timeoutMs) => this.#timeoutError(timeoutMs),
  });
  #used = 0;

  constructor(pool: WholePool, { turnTimeoutMs = TURN_TIMEOUT_MS } = {}) {
    this.wholePool = pool;
    this.#turnTimeoutMs = turnTimeoutMs;
    // Not the client's own `release`: a connection can be reclaimed without its holder.
    pool.on("release", (_error, client) => {
      if (this.#checkedOut.delete(client)) this.#passOn();
    });
  }

  get wantsCallSites(): boolean {
    return this.wholePool.wantsCallSites;
  }

  /** Read at each turn: a pool can be resized. */
  get max(): number {
    return Math.max(1, Math.floor((this.wholePool.options.max ?? 1) / SHARE));
  }

  getStats(): BackgroundStats {
    return { usedCount: this.#used, waitingCount: this.#waitQueue.size, max: this.max };
  }

  /**
   * Checks out a connection of the pool's, when it is the caller's turn.
   *
   * @throws {AcquireTimeoutError} the turn did not come within 30 s, or the pool had no connection by its own deadline.
   * @throws {NestedAcquireError} the running code holds a connection of this pool already.
   * @throws the signal's reason.
   */
  async acquire(
    options?: Parameters<ConnectionSource["acquire"]>[0],
  ): ReturnType<ConnectionSource["acquire"]> {
    if (connectionsHeldBy(this.wholePool).length > 0) {
      throw new NestedAcquireError(
        "background work that holds a connection asks for another one, which may be the whole share: " +
          "inside a transaction use its own handle",
      );
    }
    await this.#turn(options?.signal);
    try {
      const client = await this.wholePool.acquire(options);
      this.#checkedOut.add(client);
      return client;
    } catch (error) {
      this.#passOn();
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

  #turn(signal: AbortSignal | undefined): Promise<void> {
    if (this.#used < this.max) {
      this.#used++;
      return Promise.resolve();
    }
    return waitIn(this.#waitQueue, { timeoutMs: this.#turnTimeoutMs, signal });
  }

  /** Hands a turn to the one who has waited longest; where the pool has shrunk, it is not handed on. */
  #passOn(): void {
    this.#used--;
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
      `background work did not get its turn within ${timeoutMs} ms: its share of the pool is ${max}, ` +
        `${this.#waitQueue.size} waiting`,
    );
  }
}
