import type { Flags } from "./flags.ts";
import { requestsOf } from "./loads.ts";
import type { RunReport } from "./measure.ts";
import { flatness, judgeMixed } from "./mixed-verdict.ts";
import { JobsBeside } from "./place/jobs.ts";
import { type Results, resultsName } from "./report/all-results.ts";
import { writeResult } from "./report/files.ts";
import { drawRun } from "./report/svg.ts";
import type { Session } from "./session.ts";
import { oursOn, tenantPortal } from "./variants.ts";

/**
 * Everything at once, for minutes: chat, scans, search, the job executor that polls and runs jobs, health probes.
 *
 * @returns why it has not passed.
 */
export async function mixed(session: Session, flags: Flags): Promise<string[]> {
  const [request] = requestsOf(flags, flags.restart);
  if (request === undefined) return [];
  const jobs = await JobsBeside.start(flags.pollMs);
  try {
    const { report, complaints } = await session.run(oursOn(tenantPortal()), request, jobs);
    const all = [...complaints, ...judgeMixed(report, flags), ...jobs.judge()];
    console.log(flatnessText(report));
    console.log(`  jobs: ${jobs.text()}`);
    const results: Results = {
      machine: session.machine,
      reports: [report],
      complaints: all,
      jobs: jobs.text(),
    };
    console.log(`  ${writeResult("mixed.svg", drawRun(report, report.title))}`);
    console.log(writeResult(resultsName("mixed", flags.restart), `${JSON.stringify(results, null, 1)}\n`));
    return all;
  } finally {
    await jobs.stop();
  }
}

function flatnessText(report: RunReport): string {
  return flatness(report)
    .map(({ what, second, last }) => `  ${what}: ${second} in the second quarter, ${last} in the last`)
    .join("\n");
}
