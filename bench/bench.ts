// Ours beside its peers, on one server, in one run: npm run bench -- --help
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { textOf } from "@openhouse/tooling/measure/markdown";
import { CONTESTANTS } from "./clients/index.ts";
import { removeCompiled } from "./compare/compile.ts";
import { type BenchEnvironment, openEnvironment } from "./compare/environment.ts";
import { format } from "./compare/figures.ts";
import { prepare } from "./compare/measure.ts";
import { endMeasurements } from "./compare/measuring.ts";
import { ensurePeers } from "./compare/peers.ts";
import { PROFILED, profileSwitches, profileTables } from "./compare/profile.ts";
import { reachTable, workTable, writeReport } from "./compare/report.ts";
import { loadResults, type Results, saveResults, type WorkResult } from "./compare/results.ts";
import { runWork } from "./compare/rounds.ts";
import { readBenchOptions, USAGE } from "./options.ts";

const {
  works,
  run: options,
  peers,
  ...asked
} = readOrExplain(USAGE, () => readBenchOptions(process.argv.slice(2)));
const results = asked["from-results"] ? loadResults("bench") : await run();
if (results === undefined && asked["from-results"]) throw new Error("there are no results of an earlier run");
if (results !== undefined) {
  const previous = loadResults("bench-previous");
  console.log(`\n${textOf([reachTable(results, previous)])}\n`);
  for (const path of writeReport(results, previous, asked["write-docs"])) console.log(path);
}

async function run(): Promise<Results | undefined> {
  const startedAt = new Date();
  const missing = await ensurePeers(peers);
  const environment = await openEnvironment();
  const stop = async () => {
    endMeasurements();
    removeCompiled();
    await environment.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)));
  try {
    const { machine } = environment;
    console.log(
      Object.entries(machine)
        .map(([name, value]) => `${name.padEnd(20)}${value}`)
        .join("\n"),
    );
    if (options.quick) console.log("\n--quick: these figures show that it works, and little else.");
    if (asked.profile) return await profile(environment);
    const measured: WorkResult[] = [];
    for (const work of works) {
      const result = await runWork(work, options, environment, missing);
      console.log(`\n${textOf([workTable(work, result)])}`);
      measured.push(result);
    }
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
    const results = { startedAt: startedAt.toISOString(), seconds, options, machine, works: measured };
    console.log(`\n${seconds} s; ${saveResults(results)}`);
    return results;
  } finally {
    await stop();
  }
}

/** Measures nothing, as profiling has its price: it says where the time goes, ours and the baseline's. */
async function profile(environment: BenchEnvironment): Promise<undefined> {
  for (const work of works) {
    const titles = [CONTESTANTS.ours.title, work.baseline];
    const entries = work.entries.filter(({ title }) => titles.includes(title));
    for (const [index, entry] of ("measureHere" in work ? [] : entries).entries()) {
      console.log(`\n(${work.id}) ${work.title}: ${entry.title}`);
      const name = `${work.id}-${index}`;
      const session = await prepare(work, entry, PROFILED, environment, profileSwitches(name));
      const figures = await session.round();
      await session.end();
      const shown = work.columns.map(({ key, title, digits }) => `${title} ${format(figures[key], digits)}`);
      console.log(
        `${shown.join(" · ")} (while profiled)\n\n${textOf(profileTables(name, PROFILED.measureMs))}`,
      );
    }
  }
}
