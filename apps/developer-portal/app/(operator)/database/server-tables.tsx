import type { DatabaseServers } from "@openhouse/db/figures";
import { faultWords, SKIPPED_WORDS, STALE_WORDS } from "@openhouse/web/figures/words";
import { Badge } from "@openhouse/web/ui/badge";
import { type Column, DataTable } from "@openhouse/web/ui/data-table";
import { Section } from "@openhouse/web/ui/section";
import type { ReactNode } from "react";
import { durationText } from "./process-details.tsx";
import { durationOf } from "./process-table.tsx";

type PoolHost = DatabaseServers["hosts"][number];
type ReplicaStats = DatabaseServers["replicas"][number];

const ROLES = { primary: "Primary", standby: "Standby", unknown: "Not known" } as const;

const HOSTS: readonly [Column<PoolHost>, ...Column<PoolHost>[]] = [
  { header: "Host", cell: ({ server }) => <span className="wrap-anywhere">{server}</span> },
  { header: "Role", cell: ({ role }) => ROLES[role] },
  { header: "State", cell: (host) => <HostState host={host} /> },
  { header: "For", align: "end", cell: ({ unchangedMs }) => durationOf(unchangedMs) },
  {
    header: "Timeline",
    align: "end",
    cell: ({ timeline }) => (timeline === undefined ? "–" : Number.parseInt(timeline, 16)),
  },
  { header: "Connections", align: "end", cell: ({ connections }) => connections },
];

const REPLICAS: readonly [Column<ReplicaStats>, ...Column<ReplicaStats>[]] = [
  { header: "Replica", cell: ({ host, port }) => <span className="wrap-anywhere">{`${host}:${port}`}</span> },
  { header: "State", cell: (replica) => <ReplicaState replica={replica} /> },
  {
    header: "Behind by",
    align: "end",
    cell: ({ lagMs }) => (lagMs === undefined ? "not known" : durationText(lagMs)),
  },
  { header: "Reads served", align: "end", cell: ({ reads }) => reads.toLocaleString("en") },
  { header: "Left to the primary", cell: ({ fallbacks }) => <Reasons counts={fallbacks} /> },
  { header: "Connections", align: "end", cell: ({ usedCount, max }) => `${usedCount} of ${max}` },
];

/** Several hosts of the database and its replicas, as one process sees them; nothing where there is one server. */
export function ServerTables({ servers }: { servers: DatabaseServers | undefined }) {
  const { hosts = [], replicas = [], skippedReads = {} } = servers ?? {};
  return (
    <>
      {hosts.length > 0 && (
        <Section
          title="Hosts"
          description="The servers that this process may connect to, and what it knows of each."
        >
          <DataTable
            caption="Hosts of the database, their roles and who can be reached"
            columns={HOSTS}
            rows={hosts}
            rowKey={({ server }) => server}
          />
        </Section>
      )}
      {replicas.length > 0 && (
        <Section
          title="Replicas"
          description="Reads that may be a little old go to these. What one cannot serve the primary does."
        >
          <DataTable
            caption="Replicas, how far each is behind and what it has served"
            columns={REPLICAS}
            rows={replicas}
            rowKey={({ host, port }) => `${host}:${port}`}
          />
          {Object.keys(skippedReads).length > 0 && (
            <p className="text-sm text-muted">
              Reads for which no replica was asked: <Reasons counts={skippedReads} />.
            </p>
          )}
        </Section>
      )}
    </>
  );
}

function HostState({ host: { role, rank, isStale, failure } }: { host: PoolHost }): ReactNode {
  if (failure !== undefined) return <State tone="critical" word="Out" why={faultWords(failure)} />;
  if (role === "unknown") return <State tone="neutral" word="Not tried yet" />;
  if (rank === "right") return <State tone="good" word="In use" />;
  if (isStale) return <State tone="critical" word="Not used" why={STALE_WORDS} />;
  if (role === "standby") return <State tone="neutral" word="Stands by" />;
  return <State tone="neutral" word="Not used" why="it is not what this process asks for" />;
}

function ReplicaState({ replica: { skipped, isStreaming } }: { replica: ReplicaStats }): ReactNode {
  if (skipped === "lag") return <State tone="caution" word="Behind" why={SKIPPED_WORDS.lag} />;
  if (skipped === "receiver") return <State tone="critical" word="Receives nothing" />;
  if (skipped !== undefined)
    return (
      <State
        tone={skipped === "unmeasured" ? "neutral" : "critical"}
        word="Out"
        why={SKIPPED_WORDS[skipped]}
      />
    );
  if (isStreaming === false)
    return <State tone="caution" word="In use" why="it receives nothing from the primary" />;
  return <State tone="good" word="In use" />;
}

function State({
  tone,
  word,
  why,
}: {
  tone: "neutral" | "good" | "caution" | "critical";
  word: string;
  why?: string;
}) {
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {why !== undefined && <span className="mt-0.5 block text-xs text-muted">{why}</span>}
    </>
  );
}

/** Such as `3 behind, 1 conflict`: the words of the metrics and of the manual. */
function Reasons({ counts }: { counts: Readonly<Record<string, number | undefined>> }) {
  const told = Object.entries(counts).map(
    ([reason, count = 0]) => `${count.toLocaleString("en")} ${reason.replaceAll("_", " ")}`,
  );
  return told.length === 0 ? "none" : told.join(", ");
}
