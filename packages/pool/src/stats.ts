/** What a pool is doing at this moment. Counts of connections, but for `waitingCount` (callers in the queue). */
export interface PoolStats {
  /** Open or being opened. */
  readonly totalCount: number;
  /** Open and free. */
  readonly idleCount: number;
  /** Callers waiting for a connection. */
  readonly waitingCount: number;
  /** Held by a caller, or being opened: `totalCount - idleCount`. */
  readonly usedCount: number;
  readonly max: number;
  readonly min: number;
}

/** The figures that every probe may see. */
export type PublicPoolStats = Pick<PoolStats, "totalCount" | "idleCount" | "waitingCount">;

/** Reads the figures off a pool; synchronous, no I/O. */
export function readStats(
  pool: PublicPoolStats & {
    readonly options: { readonly max?: number | undefined; readonly min?: number | undefined };
  },
): PoolStats {
  const { totalCount, idleCount, waitingCount, options } = pool;
  return {
    totalCount,
    idleCount,
    waitingCount,
    usedCount: totalCount - idleCount,
    max: options.max ?? 0,
    min: options.min ?? 0,
  };
}

/** Whether every connection is in use and callers wait: slow, but serving. */
export function isSaturated({ waitingCount, usedCount, max }: PoolStats): boolean {
  return waitingCount > 0 && usedCount >= max;
}
