import { expect, test } from "vitest";
import { VAIN_REASONS } from "../src/replicas/fallback-reason.ts";
import { type Servers, serverFamilies } from "../src/server-families.ts";
import { renderMetrics } from "../src/telemetry/metric-family.ts";

const SERVERS: Servers = {
  hosts: [
    {
      server: "a:5432",
      role: "unknown",
      rank: "failed",
      failure: "timeout",
      unchangedMs: 4_000,
      roleChanges: 0,
      connections: 0,
    },
    {
      server: "b:5432",
      role: "primary",
      rank: "right",
      timeline: "0000000A",
      unchangedMs: 1_000,
      roleChanges: 1,
      connections: 3,
    },
    { server: "c:5432", role: "unknown", rank: "unknown", unchangedMs: 0, roleChanges: 0, connections: 0 },
  ],
  replicas: [
    {
      host: "r",
      port: 1,
      role: "standby",
      lagMs: 250,
      isStreaming: true,
      reads: 7,
      fallbacks: { behind: 2 },
      usedCount: 1,
      waitingCount: 0,
      max: 4,
    },
    {
      host: "s",
      port: 1,
      role: "unknown",
      skipped: "unreachable",
      reads: 0,
      fallbacks: {},
      usedCount: 0,
      waitingCount: 0,
      max: 4,
    },
  ],
  skippedReads: { unreachable: 5 },
};

test("of each server there is what is known, under its host and port, nothing of what is not, and 0 of what has not come up", () => {
  const lines = renderMetrics(serverFamilies(SERVERS))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines).toEqual([
    'openhouse_host_up{server="a:5432"} 0',
    'openhouse_host_up{server="b:5432"} 1',
    'openhouse_host_primary{server="b:5432"} 1',
    'openhouse_host_timeline{server="b:5432"} 10',
    'openhouse_host_unchanged_seconds{server="a:5432"} 4',
    'openhouse_host_unchanged_seconds{server="b:5432"} 1',
    'openhouse_host_unchanged_seconds{server="c:5432"} 0',
    'openhouse_host_connections{server="a:5432"} 0',
    'openhouse_host_connections{server="b:5432"} 3',
    'openhouse_host_connections{server="c:5432"} 0',
    'openhouse_host_role_changes_total{server="a:5432"} 0',
    'openhouse_host_role_changes_total{server="b:5432"} 1',
    'openhouse_host_role_changes_total{server="c:5432"} 0',
    'openhouse_replica_serves{replica="r:1"} 1',
    'openhouse_replica_serves{replica="s:1"} 0',
    'openhouse_replica_streaming{replica="r:1"} 1',
    'openhouse_replica_lag_seconds{replica="r:1"} 0.25',
    'openhouse_replica_reads_total{replica="r:1"} 7',
    'openhouse_replica_reads_total{replica="s:1"} 0',
    ...VAIN_REASONS.map(
      (reason) =>
        `openhouse_replica_fallbacks_total{replica="r:1",reason="${reason}"} ${reason === "behind" ? 2 : 0}`,
    ),
    ...VAIN_REASONS.map((reason) => `openhouse_replica_fallbacks_total{replica="s:1",reason="${reason}"} 0`),
    'openhouse_replica_skipped_total{reason="unmeasured"} 0',
    'openhouse_replica_skipped_total{reason="unreachable"} 5',
    'openhouse_replica_skipped_total{reason="promoted"} 0',
    'openhouse_replica_skipped_total{reason="receiver"} 0',
    'openhouse_replica_skipped_total{reason="lag"} 0',
    'openhouse_replica_skipped_total{reason="timeline"} 0',
    'openhouse_replica_skipped_total{reason="resting"} 0',
    'openhouse_replica_skipped_total{reason="saturated"} 0',
  ]);
});

test("where there is one server, nothing of it shows", () => {
  expect(renderMetrics(serverFamilies({}))).toBe("");
});
