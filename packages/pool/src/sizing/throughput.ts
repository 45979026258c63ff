/** How long to watch before telling how quickly callers are served, in milliseconds. */
const SHORTEST_WINDOW_MS = 10;
/** Where connecting takes long, this part of it: on a busy machine nobody may have been served for a while. */
const WINDOW_OF_CONNECT = 1 / 20;

interface ThroughputHooks {
  /** Callers who were served, ever. */
  served(): number;
  /** How long connecting takes, in milliseconds. */
  connectMs(): number;
  /** There is something new to tell. */
  onSample(): void;
}

/**
 * How many of those who wait the connections that are there will have served by the time another one is open. A connection
 * opened for them would come too late, and the work of opening it, on both sides, would keep them waiting longer.
 *
 * It goes by what was seen while they waited, so that connections whose holders keep them count for nothing.
 */
export class ThroughputEstimate {
  readonly #hooks: ThroughputHooks;
  #timer: NodeJS.Timeout | undefined;
  /** Callers served in a millisecond of the last window; without end until one was watched. */
  #perMs = Number.POSITIVE_INFINITY;

  constructor(hooks: ThroughputHooks) {
    this.#hooks = hooks;
  }

  /** Call it only while somebody waits: it goes on watching. @returns how many need no connection to be opened for them. */
  servedMeanwhile(): number {
    if (this.#timer === undefined) this.#watch();
    return this.#perMs * this.#hooks.connectMs();
  }

  /** Nobody waits any more. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#perMs = Number.POSITIVE_INFINITY;
  }

  #watch(): void {
    const startedAtMs = performance.now();
    const servedBefore = this.#hooks.served();
    const windowMs = Math.max(SHORTEST_WINDOW_MS, this.#hooks.connectMs() * WINDOW_OF_CONNECT);
    const timer = setTimeout(() => {
      // Where the loop was busy, the answers that have arrived meanwhile are read first.
      setImmediate(() => {
        if (this.#timer !== timer) return;
        this.#perMs = (this.#hooks.served() - servedBefore) / (performance.now() - startedAtMs);
        this.#timer = undefined;
        this.#hooks.onSample();
      });
    }, windowMs);
    this.#timer = timer.unref();
  }
}
