import type { FallbackReason, PoolHost, ReplicaStats } from "@openhouse/pool";
import { openResources } from "./resources.ts";

/** The servers of the database, where `DATABASE_URL` names several, or there are replicas. */
export interface DatabaseServers {
  readonly hosts: readonly PoolHost[];
  readonly replicas: readonly ReplicaStats[];
  /** Reads that went to the primary without a replica having been asked, by the reason that kept the last of them. */
  readonly skippedReads: Readonly<Partial<Record<FallbackReason, number>>>;
}

/** What the process knows of them now; synchronous, no I/O. Empty before the first use of the database, and over the single client. */
export function databaseServers(): DatabaseServers {
  const { pool, replicas } = openResources() ?? {};
  return {
    hosts: pool !== undefined && "getHosts" in pool ? pool.getHosts() : [],
    replicas: replicas?.set.getStats() ?? [],
    skippedReads: replicas?.set.skipped ?? {},
  };
}
