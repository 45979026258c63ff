import type { ProcessFigures } from "@openhouse/web/figures/process-figures";
import { Card } from "@openhouse/web/ui/card";
import { Section } from "@openhouse/web/ui/section";
import type { ReactNode } from "react";
import { durationOf } from "./process-table.tsx";

/** Who holds what, what is slow and what fails: what there is to find behind the chart. */
export function ProcessDetails({ figures }: { figures: ProcessFigures }) {
  const { holders, holdersCount, slowStatements, lately, shares, now } = figures;
  return (
    <div className="grid grid-cols-1 items-start gap-8 lg:grid-cols-2">
      <Section title="Holders" description={`Who has a connection now: ${holdersCount}, the longest first.`}>
        <List empty="Nobody holds a connection.">
          {holders.map(({ heldMs, callSite }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: holders have no name, and two may have the same place
            <Item key={index} figure={durationText(heldMs)}>
              <Place>{callSite ?? "place not known"}</Place>
            </Item>
          ))}
        </List>
      </Section>
      <Section title="Slow statements" description="The last ones, each with the longest that it took.">
        <List empty="None since the process began.">
          {slowStatements.map(({ fingerprint, statement, callSite, durationMs, atMs }) => (
            <Item key={fingerprint} figure={durationText(durationMs)}>
              <code className="block text-xs break-words">{statement}</code>
              <Place>
                {callSite}, {durationOf(now.atMs - atMs)} ago
              </Place>
            </Item>
          ))}
        </List>
      </Section>
      <Section title="Errors" description="In the last five minutes, by kind.">
        <List empty="None.">
          {(lately?.errors ?? []).map(({ kind, of, count }) => (
            <Item key={`${of} ${kind}`} figure={String(count)}>
              {kind.replaceAll("_", " ")}{" "}
              <span className="text-muted">{of === "connecting" ? "while connecting" : "of statements"}</span>
            </Item>
          ))}
        </List>
      </Section>
      <Section title="Size" description="In the last five minutes.">
        <List empty="">
          {lately?.acquireMs && (
            <Item figure={`${lately.acquireMs.p99} ms`}>
              Wait for a connection, 99th percentile{" "}
              <span className="text-muted">
                (median {lately.acquireMs.p50} ms, 95th {lately.acquireMs.p95} ms)
              </span>
            </Item>
          )}
          <Item figure="">
            {lately?.sizing ?? "Too little was asked for to say how large the pool should be."}
          </Item>
          {shares !== null && (
            <>
              <Share name="Jobs and other background work" share={shares.background} />
              <Share name="Visitors who are not signed in" share={shares.strangers} />
            </>
          )}
        </List>
      </Section>
    </div>
  );
}

function Share({
  name,
  share: { usedCount, max, waitingCount },
}: {
  name: string;
  share: { usedCount: number; max: number; waitingCount: number };
}) {
  return (
    <Item figure={`${usedCount} of ${max}`}>
      {name} <span className="text-muted">({waitingCount} waiting)</span>
    </Item>
  );
}

function List({ children, empty }: { children: ReactNode; empty: string }) {
  const isEmpty = Array.isArray(children) && children.length === 0;
  return (
    <Card>
      {isEmpty ? (
        <p className="text-sm text-muted">{empty}</p>
      ) : (
        <ul className="space-y-3 text-sm">{children}</ul>
      )}
    </Card>
  );
}

function Item({ figure, children }: { figure: string; children: ReactNode }) {
  return (
    <li className="flex gap-4">
      <span className="min-w-0 flex-1">{children}</span>
      <span className="shrink-0 font-semibold tabular-nums">{figure}</span>
    </li>
  );
}

function Place({ children }: { children: ReactNode }) {
  return <span className="block text-xs wrap-anywhere text-muted">{children}</span>;
}

export function durationText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
