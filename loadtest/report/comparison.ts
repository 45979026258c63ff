import { table } from "@openhouse/tooling/cli/screen";
import type { RunReport } from "../measure.ts";
import type { OperationResult } from "../results.ts";
import { list, percent } from "../verdict.ts";
import type { ComparedRun, Comparison } from "./all-results.ts";
import { milliseconds, waitText } from "./text.ts";

export const COMPARISON_HEADINGS = [
  "load",
  "database",
  "through",
  "at once",
  "in the end",
  "mean ms",
  "p99 ms",
  "per s",
  "connections",
  "acquire p99",
  "lost writes",
];

/** The kind of request that a load is about. */
export function mainOperation({ generator }: RunReport): OperationResult | undefined {
  return ["chat", "scan", "search"].flatMap((name) =>
    generator.operations.filter((each) => each.name === name),
  )[0];
}

/** A line for each load, calm or not, and database layer. */
export function comparisonRows({ entries }: Comparison): string[][] {
  return [...entries]
    .sort(byLoad(entries))
    .map((entry) => [entry.load, entry.calm ? "calm" : "restarted", entry.variantTitle, ...cells(entry)]);
}

function cells({ report }: ComparedRun): string[] {
  const operation = report && mainOperation(report);
  if (!report || !operation) return ["not measured", "", "", "", "", "", "", ""];
  const { asked, answered, answeredAtOnce, latency, perSecond } = operation;
  return [
    percent(answeredAtOnce / asked),
    percent(answered / asked),
    answered === 0 ? "–" : milliseconds(latency.meanMs),
    answered === 0 ? "–" : milliseconds(latency.p99Ms),
    perSecond.toFixed(1),
    String(report.connections.peak),
    waitText(report.waits),
    String(report.ledger.lost.length + report.ledger.doubled.length),
  ];
}

/** What failed, and how: a line for each run in which something did. */
export function comparisonFailures({ entries }: Comparison): string[] {
  return [...entries].sort(byLoad(entries)).flatMap((entry) => {
    const { report, load, calm, variantTitle, problem } = entry;
    const where = `${load}, ${calm ? "calm" : "restarted"}, ${variantTitle}`;
    if (report === null) return [`${where}: could not be measured: ${problem}`];
    const errors: Record<string, number> = {};
    for (const operation of report.generator.operations) {
      if (operation.name === "scan") continue; // its parts are counted
      for (const [kind, count] of Object.entries(operation.errors))
        errors[kind] = (errors[kind] ?? 0) + count;
    }
    const told = [
      ...(Object.keys(errors).length > 0 ? [list(errors)] : []),
      ...(report.portal.crashes > 0 ? [`the portal ended by itself ${report.portal.crashes} times`] : []),
      ...(report.portal.unexpected > 0 ? [`${report.portal.unexpected} unexpected errors in its log`] : []),
      ...report.ledger.lost.slice(0, 2),
      ...report.ledger.doubled.slice(0, 2),
    ];
    return told.length === 0 ? [] : [`${where}: ${told.join("; ")}`];
  });
}

export function comparisonText(comparison: Comparison): string {
  const failures = comparisonFailures(comparison).map((line) => `  ${line}`);
  return [
    table(COMPARISON_HEADINGS, comparisonRows(comparison)),
    ...(failures.length === 0 ? [] : [`\nfailed attempts\n${failures.join("\n")}`]),
  ].join("\n");
}

/** By load and weather, in the order in which they were run. */
function byLoad(entries: readonly ComparedRun[]) {
  const order = [...new Set(entries.map(({ load }) => load))];
  const rank = ({ load, calm }: ComparedRun) => 2 * order.indexOf(load) + (calm ? 0 : 1);
  return (one: ComparedRun, other: ComparedRun) => rank(one) - rank(other);
}
