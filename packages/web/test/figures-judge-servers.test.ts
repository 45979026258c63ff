import type { DatabaseServers } from "@openhouse/db/figures";
import { expect, test } from "vitest";
import { judgeServers } from "../src/figures/judge-servers.ts";

type Host = DatabaseServers["hosts"][number];
type Replica = DatabaseServers["replicas"][number];

const HOST: Host = {
  server: "a:5432",
  role: "primary",
  rank: "right",
  unchangedMs: 0,
  roleChanges: 0,
  connections: 1,
};
const REPLICA: Replica = {
  host: "r",
  port: 5432,
  role: "standby",
  isStreaming: true,
  reads: 0,
  fallbacks: {},
  usedCount: 0,
  waitingCount: 0,
  max: 4,
};

const told = (hosts: readonly Host[], replicas: readonly Replica[] = []) =>
  judgeServers({ hosts, replicas, skippedReads: {} }).map(({ level, text }) => `${level}: ${text}`);

test("hosts that are reached, and replicas that are asked or pass over something brief, are well", () => {
  expect(told([HOST, { ...HOST, server: "b:5432", role: "standby", rank: "wrong" }])).toEqual([]);
  expect(
    told([], [REPLICA, { ...REPLICA, skipped: "saturated" }, { ...REPLICA, skipped: "unmeasured" }]),
  ).toEqual([]);
});

test("a primary whose place another has taken is acted on, and one that this process has no use for is well", () => {
  const old: Host = { ...HOST, rank: "wrong", timeline: "00000001" };
  expect(told([old])).toEqual([]);
  expect(
    told([
      { ...old, isStale: true },
      { ...HOST, server: "b:5432" },
    ]),
  ).toEqual([
    "act: a:5432 still takes writes, and another host has taken its place. This process does not use it; others may. End it, or make it a standby.",
  ]);
});

test("a host that is away, and a replica that is behind, away or deaf, are to be looked at, and no outage", () => {
  expect(told([{ ...HOST, role: "unknown", rank: "failed", failure: "connection_refused" }])).toEqual([
    "look: a:5432 cannot be reached: nothing answers at its address.",
  ]);
  expect(
    told(
      [],
      [
        { ...REPLICA, skipped: "lag" },
        { ...REPLICA, isStreaming: false },
      ],
    ),
  ).toEqual([
    "look: The replica r:5432 is not asked: it is too far behind. The primary serves its reads.",
    "look: The replica r:5432 receives nothing from the primary.",
  ]);
});
