import { table } from "@openhouse/tooling/cli/screen";
import type { RunReport } from "../measure.ts";
import type { AcquireWaits } from "../place/portal-figures.ts";
import { list, percent } from "../verdict.ts";

const HEADINGS = ["", "asked", "at once", "in the end", "mean ms", "p50", "p95", "p99", "max", "per s"];

/** A run, as it is read at a terminal. */
export function runText(report: RunReport): string {
  const { title, generator, restart } = report;
  const rows = generator.operations.map(({ name, asked, answered, answeredAtOnce, latency, perSecond }) => [
    name,
    asked,
    percent(answeredAtOnce / asked),
    percent(answered / asked),
    ...[latency.meanMs, latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.maxMs].map(milliseconds),
    perSecond.toFixed(1),
  ]);
  const errors = generator.operations
    .filter((operation) => Object.keys(operation.errors).length > 0)
    .map(({ name, errors }) => `  ${name}: ${list(errors)}`);
  return [
    `${title}: ${generator.seconds.toFixed(1)} s${restart ? `, the database restarted at ${restart.atS} s (${restart.tookMs} ms)` : ""}`,
    table(HEADINGS, rows),
    errors.length === 0
      ? "  no request failed"
      : `  failed attempts\n${errors.map((line) => `  ${line}`).join("\n")}`,
    ...notes(report).map((line) => `  ${line}`),
  ].join("\n");
}

/** What the table of latencies does not hold, a line each. */
export function notes({ connections, waits, mostWaiting, portal, ledger, generator }: RunReport): string[] {
  const { acknowledged, unacknowledged, lost, doubled } = ledger;
  return [
    `connections: at most ${connections.peak} in pg_stat_activity (the health probe's included); callers in the queue: at most ${mostWaiting}; acquire wait p99 ${waitText(waits)}`,
    `portal: ${percent(portal.cpuShare)} of a core; generator: ${percent(generator.cpuShare)}, late by ${milliseconds(generator.lateness.p99Ms)} ms at p99`,
    `ledger: ${acknowledged.answers} answers and ${acknowledged.redemptions} redemptions acknowledged, ${lost.length} of them lost, ${doubled.length} doubled; ` +
      `${unacknowledged.messages + unacknowledged.scans} not acknowledged`,
    ...(portal.crashes > 0
      ? [`the portal ended by itself ${portal.crashes} times and was started again`]
      : []),
    ...(portal.unexpected > 0 ? [`the portal logged ${portal.unexpected} unexpected errors`] : []),
  ];
}

export function waitText(waits: AcquireWaits | null): string {
  if (waits === null) return "not told";
  const p99 = Number.isFinite(waits.p99Ms) ? `${milliseconds(waits.p99Ms)} ms` : "above 10 s";
  return `${waits.bound ? "≤ " : ""}${p99}`;
}

export function milliseconds(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
