// npm run loadtest:chat, loadtest:onboarding, loadtest:rag, loadtest:all, loadtest:mixed; --help tells the options.

import { Interrupted, listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { compare } from "./compare.ts";
import { type Flags, readFlags, USAGE } from "./flags.ts";
import { requestsOf } from "./loads.ts";
import type { RunReport } from "./measure.ts";
import { mixed } from "./mixed.ts";
import { type Results, resultsName } from "./report/all-results.ts";
import { writeDocs } from "./report/docs.ts";
import { useResultsDirectory, writeResult } from "./report/files.ts";
import { drawRun } from "./report/svg.ts";
import { Session } from "./session.ts";
import { oursOn, tenantPortal } from "./variants.ts";

await main(async () => {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) {
    console.log(USAGE);
    return 0;
  }
  if (flags.results !== undefined) useResultsDirectory(flags.results);
  const { aborted } = listenForSignals();
  try {
    return await loadTest(flags, aborted);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
});

async function loadTest(flags: Flags, aborted: AbortSignal): Promise<number> {
  const portal = tenantPortal();
  await ensureBuild(portal, (line) => console.log(`tenant-portal | ${line}`), aborted);
  const session = await Session.open(flags, aborted);
  try {
    const complaints = flags.compare
      ? await compare(session, flags, aborted)
      : flags.test === "mixed"
        ? await mixed(session, flags)
        : await oneAfterTheOther(session, flags);
    if (flags.writeDocs) console.log(`written: ${writeDocs()}`);
    console.log(
      complaints.length === 0 ? "\nPASSED" : `\nFAILED\n${complaints.map((each) => `- ${each}`).join("\n")}`,
    );
    return complaints.length === 0 ? 0 : 1;
  } finally {
    await session.close();
  }
}

async function oneAfterTheOther(session: Session, flags: Flags): Promise<string[]> {
  const variant = oursOn(tenantPortal());
  const reports: RunReport[] = [];
  const complaints: string[] = [];
  for (const request of requestsOf(flags, flags.restart)) {
    const run = await session.run(variant, request);
    reports.push(run.report);
    complaints.push(...run.complaints);
    const name = `${request.loads[0]?.kind}${flags.restart ? "-restart" : ""}.svg`;
    console.log(`  ${writeResult(name, drawRun(run.report, run.report.title))}`);
  }
  const results: Results = { machine: session.machine, reports, complaints };
  console.log(writeResult(resultsName(flags.test, flags.restart), `${JSON.stringify(results, null, 1)}\n`));
  return complaints;
}
