import { Interrupted } from "@openhouse/tooling/cli/interrupt";
import { type BarPanel, drawChart } from "@openhouse/tooling/measure/chart";
import { type Table, textOf } from "@openhouse/tooling/measure/markdown";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { type RunRequest, requestsOf } from "./loads.ts";
import { PlainPoolCheckout } from "./peers/checkout.ts";
import type { OperationResult } from "./results.ts";
import type { RunReport } from "./run.ts";
import { OURS, type Session, type Variant } from "./session.ts";
import { list, milliseconds, percent, waitText } from "./verdict.ts";

interface ComparedRun {
  readonly variant: string;
  readonly load: string;
  readonly calm: boolean;
  /** Null where it could not be measured, with the reason. */
  readonly report: RunReport | null;
  readonly problem: string | null;
}

const SETTINGS =
  "DB_POOL_MAX=20 and otherwise each one's defaults; the same portal, server, people and questions";

/**
 * The same loads with one client, with drizzle(pg.Pool) and with ours: calm, and with the database restarted midway.
 *
 * @returns why ours has not passed; the others are measured, not judged.
 */
export async function compare(session: Session): Promise<string[]> {
  const { flags, aborted } = session;
  console.log("building the portal on drizzle(pg.Pool), in a copy of the checkout");
  const checkout = new PlainPoolCheckout();
  try {
    await ensureBuild(checkout.portal, (line) => console.log(`drizzle(pg.Pool) | ${line}`), aborted);
    const variants: Variant[] = [
      { ...OURS, title: "one client", settings: { DB_USE_SINGLE_CLIENT: "true" } },
      { ...OURS, title: "drizzle(pg.Pool)", portal: checkout.portal },
      OURS,
    ];
    const entries: ComparedRun[] = [];
    const complaints: string[] = [];
    for (const variant of variants) {
      for (const request of [...requestsOf(flags, false), ...requestsOf(flags, true)]) {
        aborted.throwIfAborted();
        const run = await attempt(session, variant, request);
        entries.push(run.entry);
        if (variant === OURS) complaints.push(...run.complaints);
      }
    }
    // By load, calm and restarted, in the order in which they were run.
    const loads = requestsOf(flags, false).map(({ title }) => title);
    const rank = ({ load, calm }: ComparedRun) => 2 * loads.indexOf(load) + (calm ? 0 : 1);
    entries.sort((one, other) => rank(one) - rank(other));
    const failed = entries.flatMap(failuresOf);
    const blocks = [
      comparisonTable(entries),
      ...(failed.length === 0 ? [] : ["What failed, by kind:", failed]),
    ];
    console.log(`\n${textOf(blocks)}\n`);
    console.log(session.results.write("compare.svg", chartOf(entries)));
    session.save("compare", { settings: SETTINGS, entries }, blocks, complaints);
    return complaints;
  } finally {
    checkout.remove();
  }
}

async function attempt(
  session: Session,
  variant: Variant,
  request: RunRequest,
): Promise<{ entry: ComparedRun; complaints: string[] }> {
  const named = { variant: variant.title, load: request.title, calm: !request.restart };
  try {
    const { report, complaints } = await session.run(variant, request);
    return { entry: { ...named, report, problem: null }, complaints };
  } catch (error) {
    if (variant === OURS || error instanceof Interrupted) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    console.log(`\n${request.title}, ${variant.title}: could not be measured: ${problem}`);
    return { entry: { ...named, report: null, problem }, complaints: [] };
  }
}

/** A line for each load, calm or not, and database layer. */
function comparisonTable(entries: readonly ComparedRun[]): Table {
  const outcomes = ["at once", "in the end", "mean ms", "p99 ms", "per s"];
  const rows = entries.map(({ load, calm, variant, report }) => {
    const operation = report && mainOperation(report);
    const head = [load, calm ? "calm" : "restarted", variant];
    if (!report || !operation) return [...head, "not measured", ...Array<string>(7).fill("")];
    const { asked, answered, answeredAtOnce, latency, perSecond } = operation;
    return [
      ...head,
      percent(answeredAtOnce / asked),
      percent(answered / asked),
      answered === 0 ? "–" : milliseconds(latency.meanMs),
      answered === 0 ? "–" : milliseconds(latency.p99Ms),
      perSecond.toFixed(1),
      String(report.connections.peak),
      waitText(report.waits),
      String(report.ledger.lost.length + report.ledger.doubled.length),
    ];
  });
  const headings = ["load", "database", "through", ...outcomes, "connections", "acquire p99", "lost writes"];
  return { headings, rows };
}

/** How much was answered at the first attempt: a panel for each load, calm and restarted. */
function chartOf(entries: readonly ComparedRun[]): string {
  const panels = new Map<string, BarPanel["bars"]>();
  for (const { load, calm, variant, report } of entries) {
    const title = `${load}, ${calm ? "calm" : "restarted"}`;
    const { asked = 1, answeredAtOnce = 0 } = (report && mainOperation(report)) ?? {};
    const value = answeredAtOnce / asked;
    panels.set(title, [...(panels.get(title) ?? []), { name: variant, value, text: percent(value) }]);
  }
  return drawChart(
    "Requests answered at the first attempt",
    [...panels].map(([title, bars]) => ({ title, bars })),
  );
}

/** The kind of request that a load is about. */
function mainOperation({ generator }: RunReport): OperationResult | undefined {
  return generator.operations.find(({ name }) => ["chat", "scan", "search"].includes(name));
}

/** What failed in a run, and how; nothing where nothing did. */
function failuresOf({ report, load, calm, variant, problem }: ComparedRun): string[] {
  const where = `${load}, ${calm ? "calm" : "restarted"}, ${variant}`;
  if (report === null) return [`${where}: could not be measured: ${problem}`];
  const errors: Record<string, number> = {};
  for (const operation of report.generator.operations) {
    if (operation.name === "scan") continue; // its parts are counted
    for (const [kind, count] of Object.entries(operation.errors)) errors[kind] = (errors[kind] ?? 0) + count;
  }
  const { portal, ledger } = report;
  const told = [
    list(errors),
    portal.crashes > 0 ? `the portal ended by itself ${portal.crashes} times` : "",
    portal.unexpected > 0 ? `${portal.unexpected} unexpected errors in its log` : "",
    ...ledger.lost.slice(0, 2),
    ...ledger.doubled.slice(0, 2),
  ].filter((text) => text !== "");
  return told.length === 0 ? [] : [`${where}: ${told.join("; ")}`];
}
