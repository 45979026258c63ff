// npm run loadtest:chat, loadtest:onboarding, loadtest:rag, loadtest:all, loadtest:mixed, loadtest:docs; --help tells the options.
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { Interrupted, listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { textOf, writeSections } from "@openhouse/tooling/measure/markdown";
import { ResultsFolder } from "@openhouse/tooling/measure/results";
import { tellVerdict } from "@openhouse/tooling/measure/verdict";
import { ensureBuild } from "@openhouse/tooling/portals/build";
import { compare } from "./compare.ts";
import { JobsRunner } from "./environment/jobs-runner.ts";
import { type Flags, readFlags, USAGE } from "./flags.ts";
import { requestsOf } from "./loads.ts";
import { chartOf, flatnessTable, runBlocks } from "./report.ts";
import type { RunReport } from "./run.ts";
import { OURS, Session } from "./session.ts";
import { judgeMixed } from "./verdict.ts";

await main(async () => {
  const flags = readOrExplain(USAGE, () => readFlags(process.argv.slice(2)));
  const results = new ResultsFolder(flags.results ?? join(repositoryRoot(), "loadtest", "results"));
  const { aborted } = listenForSignals();
  try {
    const complaints = flags.test === "docs" ? [] : await loadTest(flags, aborted, results);
    if (flags.test === "docs" || flags["write-docs"]) writeDocs(results);
    return flags.test === "docs" ? 0 : tellVerdict(complaints);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
});

/** @returns why it has not passed. */
async function loadTest(flags: Flags, aborted: AbortSignal, results: ResultsFolder): Promise<string[]> {
  await ensureBuild(OURS.portal, (line) => console.log(`tenant-portal | ${line}`), aborted);
  const session = await Session.open(flags, aborted, results);
  try {
    if (flags.compare) return await compare(session);
    return flags.test === "mixed" ? await mixed(session) : await oneAfterTheOther(session);
  } finally {
    await session.close();
  }
}

async function oneAfterTheOther(session: Session): Promise<string[]> {
  const { test, restart } = session.flags;
  const reports: RunReport[] = [];
  const complaints: string[] = [];
  for (const request of requestsOf(session.flags, restart)) {
    const run = await session.run(OURS, request);
    reports.push(run.report);
    complaints.push(...run.complaints);
    const name = nameOf(String(request.loads[0]?.kind), restart);
    console.log(session.results.write(`${name}.svg`, chartOf(run.report)));
  }
  session.save(nameOf(test, restart), { reports }, reports.flatMap(runBlocks), complaints);
  return complaints;
}

/** Everything at once, for minutes: chat, scans, search, the job executor that polls and runs jobs, health probes. */
async function mixed(session: Session): Promise<string[]> {
  const { restart, "poll-ms": pollMs } = session.flags;
  const jobs = await JobsRunner.start(pollMs);
  try {
    const [request] = requestsOf(session.flags, restart);
    if (request === undefined) return [];
    const { report, complaints } = await session.run(OURS, request, jobs);
    complaints.push(...judgeMixed(report), ...jobs.judge());
    const more = [flatnessTable(report), [jobs.text()]];
    console.log(`\n${textOf(more)}\n`);
    const name = nameOf("mixed", restart);
    console.log(session.results.write(`${name}.svg`, chartOf(report)));
    session.save(name, { reports: [report], jobs: jobs.text() }, [...runBlocks(report), ...more], complaints);
    return complaints;
  } finally {
    await jobs.stop();
  }
}

function nameOf(test: string, restart: boolean): string {
  return restart ? `${test}-restart` : test;
}

/** Puts what the last whole runs have found into the document. */
function writeDocs(results: ResultsFolder): void {
  const path = join(repositoryRoot(), "docs", "load-tests.md");
  const found = ["all", "compare", "mixed"].flatMap((name) => {
    const text = results.read(`${name}.md`);
    return text === undefined ? [] : [[`loadtest:${name}`, text]];
  });
  writeSections(path, Object.fromEntries(found));
  console.log(`written: ${path}`);
}
