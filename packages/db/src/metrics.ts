import type { HealthReport } from "@openhouse/pool";
import { type MetricFamily, poolFamilies, type Sample, serverFamilies } from "@openhouse/pool/http";
import { lastDatabaseActivity } from "./activity.ts";
import { healthCheck } from "./client.ts";
import type { ServerActivity } from "./last-activity.ts";
import { lastHealth } from "./last-health.ts";
import type { PoolShare } from "./pool-share.ts";
import { openResources, type SharedResources } from "./resources.ts";
import { databaseServers } from "./servers.ts";

/** Tells this pool from others that a process may have. */
const POOL_NAME = "openhouse";

/**
 * What the process knows of its database: the pool, its shares, retries, whether the database answers, and who waits for a lock
 * there. Takes no connection of the pool, and waits for no answer: a probe that is under way, or a reading of the locks, shows at
 * the next call. Nothing before the first use of the database.
 */
export async function databaseMetrics(): Promise<MetricFamily[]> {
  const resources = openResources();
  if (resources === undefined) return [];
  const report = await reportAtHand();
  const activity = lastDatabaseActivity();
  return [
    ...poolFamilies(resources.pool, POOL_NAME),
    ...shareFamilies(resources),
    ...serverFamilies(databaseServers()),
    ...retryFamilies(resources),
    ...(report === undefined ? [] : probeFamilies(report)),
    ...(activity === null ? [] : activityFamilies(activity)),
  ];
}

/** Of a probe that is over. */
async function reportAtHand(): Promise<HealthReport | undefined> {
  await Promise.race([healthCheck(), new Promise((resolve) => setImmediate(resolve))]);
  return lastHealth()?.report;
}

function shareFamilies({ background, strangers }: SharedResources): MetricFamily[] {
  const shares = Object.entries({ background, strangers });
  const family = (
    name: string,
    type: MetricFamily["type"],
    help: string,
    read: (share: PoolShare) => Sample["value"],
  ): MetricFamily => ({
    name: `openhouse_share_${name}`,
    type,
    help,
    samples: shares.map(([share, of]) => ({ labels: { share }, value: read(of) })),
  });
  return [
    family("max", "gauge", "Connections a share may use at once.", (share) => share.getStats().max),
    family("used", "gauge", "Connections a share uses.", (share) => share.getStats().usedCount),
    family("waiting", "gauge", "Callers who wait for their turn.", (share) => share.getStats().waitingCount),
    family(
      "wait_seconds",
      "histogram",
      "How long callers waited for their turn.",
      (share) => share.getTotals().wait,
    ),
    family(
      "timeouts_total",
      "counter",
      "Whose turn did not come in time.",
      (share) => share.getTotals().timeouts,
    ),
    family(
      "canceled_total",
      "counter",
      "Who gave up waiting for a turn.",
      (share) => share.getTotals().canceled,
    ),
    family("shed_total", "counter", "Who found no place to wait.", (share) => share.getTotals().shed),
  ];
}

function retryFamilies({ retryBudget }: SharedResources): MetricFamily[] {
  const { retries, refused, tokens } = retryBudget.getStats();
  return [
    one("openhouse_retries_total", "counter", "Work that was run again.", retries),
    one(
      "openhouse_retries_refused_total",
      "counter",
      "Retries for which the budget had nothing left.",
      refused,
    ),
    one("openhouse_retry_tokens", "gauge", "What is left of the budget of retries, of 500.", tokens),
  ];
}

function probeFamilies({ healthy, latencyMs, consecutiveFailures, error }: HealthReport): MetricFamily[] {
  return [
    one("openhouse_database_up", "gauge", "Whether the database answered the last probe.", healthy ? 1 : 0),
    one("openhouse_database_latency_seconds", "gauge", "How long the last probe took.", latencyMs / 1_000),
    one("openhouse_database_consecutive_failures", "gauge", "Probes failed in a row.", consecutiveFailures),
    {
      name: "openhouse_database_error",
      type: "gauge",
      help: "Why the last probe failed, by kind.",
      samples: error === undefined ? [] : [{ labels: { kind: error }, value: 1 }],
    },
  ];
}

function activityFamilies({ blockedCount, pairs, transactions }: ServerActivity): MetricFamily[] {
  const seconds = (ms: number | null | undefined) => (ms ?? 0) / 1_000;
  return [
    one(
      "openhouse_database_blocked_statements",
      "gauge",
      "Statements that wait for a lock in the database, of all roles.",
      blockedCount,
    ),
    one(
      "openhouse_database_longest_blocked_seconds",
      "gauge",
      "How long the one has run that has waited longest, as far as the role may see.",
      seconds(pairs[0]?.waitsMs),
    ),
    one(
      "openhouse_database_oldest_transaction_seconds",
      "gauge",
      "How long the oldest transaction has been open, as far as the role may see; 0 below a second.",
      seconds(transactions[0]?.transactionMs),
    ),
  ];
}

function one(name: string, type: "counter" | "gauge", help: string, value: number): MetricFamily {
  return { name, type, help, samples: [{ labels: {}, value }] };
}
