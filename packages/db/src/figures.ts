import type { PoolHolder, PoolStats, PoolTotals } from "@openhouse/pool";
import { getPoolStats, type ShareStats } from "./client.ts";
import { type KnownHealth, lastHealth } from "./last-health.ts";
import { openResources, type SharedResources } from "./resources.ts";

export { databaseActivity, type KnownActivity } from "./activity.ts";
export type { BlockedPair, ServerSession } from "./last-activity.ts";
export { lastHealth } from "./last-health.ts";
export { type DatabaseServers, databaseServers } from "./servers.ts";
export { type SlowStatement, slowStatements } from "./slow-statements.ts";

/** What the process knows of its database at this moment. */
export interface DatabaseObservation {
  readonly mode: SharedResources["mode"];
  readonly stats: PoolStats;
  readonly oldestWaiterMs: number;
  /** The single client counts nothing. */
  readonly totals: PoolTotals | undefined;
  readonly health: KnownHealth | undefined;
}

/** Synchronous, no I/O, no statement. */
export function observeDatabase(): DatabaseObservation {
  const resources = openResources();
  const pool = resources?.pool;
  return {
    mode: resources?.mode ?? "pool",
    stats: getPoolStats(),
    oldestWaiterMs: pool?.oldestWaiterMs ?? 0,
    totals: pool !== undefined && "getTotals" in pool ? pool.getTotals() : undefined,
    health: lastHealth(),
  };
}

/** Who holds a connection now, or the single client, the longest first. */
export function databaseHolders(): readonly PoolHolder[] {
  return openResources()?.pool.getHolders() ?? [];
}

/** What kinds of work have of the pool now, where a part of it is all that they may use. */
export function databaseShares(): Readonly<Record<"background" | "strangers", ShareStats>> | undefined {
  const resources = openResources();
  return (
    resources && {
      background: resources.background.getStats(),
      strangers: resources.strangers.getStats(),
    }
  );
}
