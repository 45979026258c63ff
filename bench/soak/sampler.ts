import type * as Client from "@openhouse/db/client";
import { Pool, type PoolTotals } from "@openhouse/pool";
import type { FaultsUnderWay } from "./faults.ts";
import type { Load } from "./load.ts";

/** What a second was like. */
export interface Sample {
  readonly atS: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Mean of those served in this second, in milliseconds. */
  readonly waitMs: number;
  readonly oldestMs: number;
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  readonly closing: number;
  /** After a collection, in megabytes: measured every few seconds, and kept in between. */
  readonly heapMb: number;
  /** Sockets, timers, everything that keeps a process alive. */
  readonly handles: number;
  readonly fault: string;
}

const COLLECT_EVERY_S = 5;

/** Looks once a second. */
export function startSampler(
  client: typeof Client,
  load: Load,
  faults: FaultsUnderWay,
  onSample: (sample: Sample) => void,
) {
  const samples: Sample[] = [];
  const startedAtMs = performance.now();
  let before = { succeeded: 0, failed: 0, wait: totalsOf(client)?.wait };
  let heapMb = 0;
  const look = () => {
    const atS = Math.round((performance.now() - startedAtMs) / 1_000);
    if (heapMb === 0 || atS % COLLECT_EVERY_S === 0) {
      globalThis.gc?.();
      heapMb = process.memoryUsage().heapUsed / 2 ** 20;
    }
    const wait = totalsOf(client)?.wait;
    const served = (wait?.count ?? 0) - (before.wait?.count ?? 0);
    const { totalCount, idleCount, waitingCount, closingCount } = client.getPoolStats();
    const sample: Sample = {
      atS,
      succeeded: load.succeeded - before.succeeded,
      failed: load.failed - before.failed,
      waitMs: served === 0 ? 0 : ((wait?.sumMs ?? 0) - (before.wait?.sumMs ?? 0)) / served,
      oldestMs: Math.round(load.oldestMs),
      total: totalCount,
      idle: idleCount,
      waiting: waitingCount,
      closing: closingCount,
      heapMb,
      handles: process.getActiveResourcesInfo().length,
      fault: faults.current,
    };
    before = { succeeded: load.succeeded, failed: load.failed, wait };
    samples.push(sample);
    onSample(sample);
  };
  const timer = setInterval(look, 1_000);
  return { samples, stop: () => clearInterval(timer) };
}

function totalsOf(client: typeof Client): PoolTotals | undefined {
  const { pool } = client.getDatabaseResources();
  return pool instanceof Pool ? pool.getTotals() : undefined;
}
