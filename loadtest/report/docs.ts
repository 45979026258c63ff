import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import type { Machine } from "../machine.ts";
import type { RunReport } from "../measure.ts";
import { flatness } from "../mixed-verdict.ts";
import { list, percent } from "../verdict.ts";
import { type Comparison, type Results, resultsName } from "./all-results.ts";
import { COMPARISON_HEADINGS, comparisonFailures, comparisonRows } from "./comparison.ts";
import { drawComparison } from "./comparison-svg.ts";
import { readResult } from "./files.ts";
import { drawRun } from "./svg.ts";
import { milliseconds, notes } from "./text.ts";

const MANUAL = join("docs", "load-tests.md");
const CHARTS = join("docs", "loadtest");

/** Puts the tables of the runs that lie in loadtest/results into the manual. @returns where it lies. */
export function writeDocs(): string {
  const path = join(repositoryRoot(), MANUAL);
  let text = readFileSync(path, "utf8");
  const [all, comparison, mixed] = [
    readResult<Results>(resultsName("all", false)),
    readResult<Comparison>("compare.json"),
    readResult<Results>(resultsName("mixed", false)),
  ];
  if (all) text = replaced(text, "all", runsMarkdown(all));
  if (comparison) {
    writeChart("compare.svg", drawComparison(comparison));
    text = replaced(text, "compare", comparisonMarkdown(comparison));
  }
  if (mixed) {
    const [report] = mixed.reports;
    if (report) writeChart("mixed.svg", drawRun(report, report.title));
    text = replaced(text, "mixed", mixedMarkdown(mixed));
  }
  writeFileSync(path, text);
  return path;
}

function runsMarkdown({ machine, reports, complaints }: Results): string {
  return [
    machineLine(machine, reports[0]),
    markdownTable(HEADINGS, reports.flatMap(rowsOf)),
    outcome(complaints),
  ].join("\n\n");
}

function comparisonMarkdown(comparison: Comparison): string {
  const started = comparison.entries.find(({ report }) => report !== null)?.report ?? undefined;
  const failures = comparisonFailures(comparison).map((line) => `- ${line}`);
  return [
    machineLine(comparison.machine, started),
    markdownTable(COMPARISON_HEADINGS, comparisonRows(comparison)),
    "![Requests answered at the first attempt](loadtest/compare.svg)",
    ...(failures.length === 0 ? [] : [`What failed, by kind:\n\n${failures.join("\n")}`]),
  ].join("\n\n");
}

function mixedMarkdown({ machine, reports, complaints, jobs }: Results): string {
  const flat = reports
    .flatMap(flatness)
    .map(({ what, second, last }) => [what, String(second), String(last)]);
  return [
    machineLine(machine, reports[0]),
    markdownTable(HEADINGS, reports.flatMap(rowsOf)),
    markdownTable(["", "second quarter", "last quarter"], flat),
    [...reports.flatMap(notes), ...(jobs === undefined ? [] : [`jobs: ${jobs}`])]
      .map((line) => `- ${line}`)
      .join("\n"),
    "![The mixed run over time](loadtest/mixed.svg)",
    outcome(complaints),
  ].join("\n\n");
}

const HEADINGS = [
  "load",
  "request",
  "asked",
  "at once",
  "mean ms",
  "p50",
  "p95",
  "p99",
  "max",
  "per s",
  "failed",
];

function rowsOf({ title, generator }: RunReport): string[][] {
  return generator.operations.map(({ name, asked, answeredAtOnce, latency, perSecond, errors }, index) => [
    index === 0 ? title : "",
    name,
    String(asked),
    percent(answeredAtOnce / asked),
    ...[latency.meanMs, latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.maxMs].map(milliseconds),
    perSecond.toFixed(1),
    list(errors) || "none",
  ]);
}

function machineLine(
  { processor, memory, node, postgres, commit }: Machine,
  report: RunReport | undefined,
): string {
  const on = report?.generator.startedAt.slice(0, 16).replace("T", " ") ?? "";
  return `Measured ${on} UTC at ${commit}: ${processor}; ${memory}; Node ${node}; Postgres ${postgres}.`;
}

function outcome(complaints: readonly string[]): string {
  return complaints.length === 0
    ? "Passed."
    : `Not passed:\n\n${complaints.map((each) => `- ${each}`).join("\n")}`;
}

function writeChart(name: string, svg: string): void {
  const directory = join(repositoryRoot(), CHARTS);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), svg);
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(headings), `|${headings.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

/** @throws {Error} the manual has no such place. */
function replaced(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- loadtest:${name} -->`, `<!-- /loadtest:${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${MANUAL} has no place for the table: ${begin} to ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
