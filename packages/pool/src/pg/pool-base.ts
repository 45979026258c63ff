import pg from "pg";
import { partOf } from "./driver-check.ts";

/** pg-pool's record of a caller: it has decided between promise and callback, and expects to be called back once. */
export interface PendingItem {
  callback(
    error: Error | undefined,
    client: pg.PoolClient | undefined,
    done: (release?: Error | boolean) => void,
  ): void;
}

/** What of pg-pool stays in charge, and the seam at which we take over. */
interface PgPoolBase
  extends Omit<
    pg.Pool,
    "totalCount" | "idleCount" | "waitingCount" | "expiredCount" | "connect" | "end" | "emit"
  > {
  // Declared again: `Omit` turns methods into properties, which a subclass's method could not override.
  connect(): Promise<pg.PoolClient>;
  connect(callback: PendingItem["callback"]): void;
  emit(event: string | symbol, ...values: unknown[]): boolean;
  ending: boolean;
  ended: boolean;
  /** The class of the promises that pg-pool hands out: an option of its. */
  readonly Promise: PromiseConstructor;
  log(...messages: unknown[]): void;
}

/**
 * `pg.Pool`, typed so that its counters can be accessors: its type definitions call them properties.
 *
 * pg-pool's `connect` and `query` decide between promise and callback, and are what instrumentation patches; they stay.
 * For every caller `connect` asks `_isFull()` and looks at `_idle`; as the former says no and the latter stays empty, it
 * calls `newClient(item)`, undocumented as they are: pg-pool 3.14.0.
 */
export const PgPool = /* @__PURE__ */ partOf(pg, "Pool") as new (config: pg.PoolConfig) => PgPoolBase;
