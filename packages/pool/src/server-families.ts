import type { PoolHost } from "./hosts/hosts.ts";
import { type FallbackReason, SKIP_REASONS, VAIN_REASONS } from "./replicas/fallback-reason.ts";
import type { ReplicaStats } from "./replicas/replica-set.ts";
import type { MetricFamily, Sample } from "./telemetry/metric-family.ts";

/** Where there are replicas, it is never for want of one. */
const SKIPPED = SKIP_REASONS.filter((reason) => reason !== "none");

/** The servers that a process reads and writes, where there are several. */
export interface Servers {
  /** As of `pool.getHosts()`. */
  readonly hosts?: readonly PoolHost[] | undefined;
  /** As of `ReplicaSet.getStats()`. */
  readonly replicas?: readonly ReplicaStats[] | undefined;
  /** As of `ReplicaSet.skipped`. */
  readonly skippedReads?: Readonly<Partial<Record<FallbackReason, number>>> | undefined;
}

/**
 * Figures of several hosts and of replicas, for `renderMetrics`; those of which nothing is known have no sample. A server is called by
 * its host and port, as the settings name it, so that there are as many series as servers.
 */
export function serverFamilies({ hosts = [], replicas = [], skippedReads = {} }: Servers): MetricFamily[] {
  return [...hostFamilies(hosts), ...replicaFamilies(replicas, skippedReads)];
}

/** The name of a replica in metrics and in the log: `db-2.internal:5432`. */
export function replicaName({ host, port }: Pick<ReplicaStats, "host" | "port">): string {
  return `${host}:${port}`;
}

function hostFamilies(hosts: readonly PoolHost[]): MetricFamily[] {
  const each = (read: (host: PoolHost) => number | undefined): Sample[] =>
    hosts.flatMap((host) => sampleOf({ server: host.server }, read(host)));
  const isKnown = ({ role, failure }: PoolHost) => role !== "unknown" || failure !== undefined;
  return [
    gauge(
      "openhouse_host_up",
      "Whether a host can be reached.",
      each((host) => (isKnown(host) ? Number(host.failure === undefined) : undefined)),
    ),
    gauge(
      "openhouse_host_primary",
      "Whether a host is a primary, and no standby.",
      each(({ role }) => (role === "unknown" ? undefined : Number(role === "primary"))),
    ),
    gauge(
      "openhouse_host_timeline",
      "The timeline that a primary writes.",
      each(({ timeline }) => (timeline === undefined ? undefined : Number.parseInt(timeline, 16))),
    ),
    gauge(
      "openhouse_host_unchanged_seconds",
      "For how long a host has had its role, and could be reached or not.",
      each(({ unchangedMs }) => unchangedMs / 1_000),
    ),
    gauge(
      "openhouse_host_connections",
      "Open connections to a host.",
      each(({ connections }) => connections),
    ),
    counter(
      "openhouse_host_role_changes_total",
      "How often a host was a primary after a standby, or the other way round.",
      each(({ roleChanges }) => roleChanges),
    ),
  ];
}

function replicaFamilies(
  replicas: readonly ReplicaStats[],
  skippedReads: NonNullable<Servers["skippedReads"]>,
): MetricFamily[] {
  const each = (read: (stats: ReplicaStats) => number | undefined): Sample[] =>
    replicas.flatMap((stats) => sampleOf({ replica: replicaName(stats) }, read(stats)));
  return [
    gauge(
      "openhouse_replica_serves",
      "Whether a replica is asked.",
      each(({ skipped }) => Number(skipped === undefined)),
    ),
    gauge(
      "openhouse_replica_streaming",
      "Whether a replica receives from the primary.",
      each(({ isStreaming }) => (isStreaming === undefined ? undefined : Number(isStreaming))),
    ),
    gauge(
      "openhouse_replica_lag_seconds",
      "How far a replica is behind the primary.",
      each(({ lagMs }) => (lagMs === undefined ? undefined : lagMs / 1_000)),
    ),
    counter(
      "openhouse_replica_reads_total",
      "Reads that a replica has served.",
      each(({ reads }) => reads),
    ),
    counter(
      "openhouse_replica_fallbacks_total",
      "Reads that a replica was asked for, and the primary has served.",
      replicas.flatMap((stats) => byReason(VAIN_REASONS, stats.fallbacks, { replica: replicaName(stats) })),
    ),
    counter(
      "openhouse_replica_skipped_total",
      "Reads for which no replica was asked.",
      byReason(replicas.length === 0 ? [] : SKIPPED, skippedReads),
    ),
  ];
}

/** With 0 for what has not come up: Prometheus counts from one sample to the next, and would miss the first of a reason. */
function byReason(
  reasons: readonly FallbackReason[],
  counts: Readonly<Partial<Record<FallbackReason, number>>>,
  labels: Sample["labels"] = {},
): Sample[] {
  const all: Readonly<Record<string, number>> = {
    ...Object.fromEntries(reasons.map((each) => [each, 0])),
    ...counts,
  };
  return Object.entries(all).map(([reason, value]) => ({ labels: { ...labels, reason }, value }));
}

function sampleOf(labels: Sample["labels"], value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels, value }];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "gauge", help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, type: "counter", help, samples };
}
