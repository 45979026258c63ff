import { drawChart } from "@openhouse/tooling/measure/chart";
import type { Machine } from "@openhouse/tooling/measure/machine";
import type { Block, Table } from "@openhouse/tooling/measure/markdown";
import type { OperationResult, Second } from "./results.ts";
import type { RunReport } from "./run.ts";
import { flatnessOf, list, milliseconds, percent, waitText } from "./verdict.ts";

/** A run, at a terminal and in documents. */
export function runBlocks({ title, generator, restart, ...report }: RunReport): Block[] {
  const { connections, waits, mostWaiting, portal, ledger } = report;
  const { operations, seconds, cpuShare, lateP99Ms } = generator;
  const rows = operations.map((operation) => {
    const { name, asked, answered, answeredAtOnce, latency, perSecond } = operation;
    return [
      name,
      String(asked),
      percent(answeredAtOnce / asked),
      percent(answered / asked),
      ...[latency.meanMs, latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.maxMs].map(milliseconds),
      perSecond.toFixed(1),
    ];
  });
  const { acknowledged, unacknowledged, lost, doubled } = ledger;
  const restarted = restart ? `, the database restarted at ${restart.atS} s (${restart.tookMs} ms)` : "";
  return [
    `**${title}**: ${seconds.toFixed(1)} s${restarted}`,
    {
      headings: ["", "asked", "at once", "in the end", "mean ms", "p50", "p95", "p99", "max", "per s"],
      rows,
    },
    [
      ...failures(operations, portal),
      `connections: at most ${connections.peak} in pg_stat_activity (the health probe's included); callers in the queue: at most ${mostWaiting}; acquire wait p99 ${waitText(waits)}`,
      `portal: ${percent(portal.cpuShare)} of a core; generator: ${percent(cpuShare)}, late by ${milliseconds(lateP99Ms)} ms at p99`,
      `ledger: ${acknowledged.answers} answers and ${acknowledged.redemptions} redemptions acknowledged, ${lost.length} of them lost, ${doubled.length} doubled; ` +
        `${unacknowledged.messages + unacknowledged.scans} not acknowledged`,
    ],
  ];
}

function failures(operations: readonly OperationResult[], portal: RunReport["portal"]): string[] {
  const failed = operations.filter(({ errors }) => Object.keys(errors).length > 0);
  return [
    ...failed.map(({ name, errors }) => `${name}, failed attempts: ${list(errors)}`),
    ...(failed.length === 0 ? ["no request failed"] : []),
    ...(portal.crashes > 0
      ? [`the portal ended by itself ${portal.crashes} times and was started again`]
      : []),
    ...(portal.unexpected > 0 ? [`the portal logged ${portal.unexpected} unexpected errors`] : []),
  ];
}

export function flatnessTable(report: RunReport): Table {
  const rows = flatnessOf(report).map(({ what, second, last }) => [what, String(second), String(last)]);
  return { headings: ["", "second quarter", "last quarter"], rows };
}

export function machineLine({ processor, memory, Node, Postgres, commit }: Machine): string {
  const on = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `Measured ${on} UTC at ${commit}: ${processor}; ${memory}; Node ${Node}; Postgres ${Postgres}.`;
}

/** A run over time: what was answered and what failed, how long it took, connections, memory. */
export function chartOf({ title, generator, connections, portal, restart }: RunReport): string {
  const shown = generator.operations.filter(({ name }) => !name.includes(","));
  const over = (of: (second: Second) => number) =>
    shown.map(({ name, seconds }) => ({
      name,
      points: seconds.map((second, atS) => [atS, of(second)] as const),
    }));
  const longest = Math.max(0, ...shown.map(({ seconds }) => seconds.length));
  const failed = Array.from({ length: longest }, (_, atS) => {
    const counts = generator.operations.map(({ seconds }) => seconds[atS]?.failed ?? 0);
    return [atS, counts.reduce((sum, count) => sum + count, 0)] as const;
  });
  const figure = (name: string, of: (figures: RunReport["portal"]["figures"][number]) => number) => ({
    name,
    points: portal.figures.map((figures) => [figures.atS, of(figures)] as const),
  });
  const samples = connections.samples.map(({ atS, total }) => [atS, total] as const);
  const panels = [
    {
      title: "requests per second",
      lines: [...over(({ answered }) => answered), { name: "failed attempts", points: failed }],
    },
    { title: "slowest of the second, ms", lines: over(({ maxMs }) => maxMs) },
    {
      title: "connections",
      lines: [
        { name: "in pg_stat_activity", points: samples },
        figure("callers in the queue", ({ waiting }) => waiting),
      ],
    },
    {
      title: "portal, MB",
      lines: [figure("resident", ({ rssMb }) => rssMb), figure("heap", ({ heapMb }) => heapMb)],
    },
  ];
  const bands = restart
    ? [{ from: restart.atS, to: restart.atS + restart.tookMs / 1_000, title: "the database restarts" }]
    : [];
  return drawChart(
    `${title} (seconds${restart ? "; grey: the database restarts" : ""})`,
    panels.map((panel) => ({ ...panel, bands })),
  );
}
