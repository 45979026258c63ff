// Ours beside its peers, on one server, in one run: npm run bench -- --help
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { CONTESTANTS } from "./clients/index.ts";
import { readArguments, USAGE } from "./compare/arguments.ts";
import { removeCompiled } from "./compare/compile.ts";
import { writeDocs } from "./compare/docs.ts";
import { format } from "./compare/figures.ts";
import { describeMachine } from "./compare/machine.ts";
import { prepare } from "./compare/measure.ts";
import { endMeasurements } from "./compare/measuring.ts";
import { ensurePeers } from "./compare/peers.ts";
import { openPlace, type Place } from "./compare/place.ts";
import { PROFILED, profileSwitches, profileTable } from "./compare/profile.ts";
import { REACH_HEADINGS, reachRows, workTable } from "./compare/report.ts";
import { loadResults, outcomeOf, type Results, saveResults, type WorkResult } from "./compare/results.ts";
import { runWork } from "./compare/rounds.ts";
import { table } from "./support/table.ts";
import { WORKS, workById } from "./work/index.ts";

const { works, effort, peers, fromResults, ...asked } = readOrExplain(USAGE, () =>
  readArguments(process.argv.slice(2)),
);
const results = fromResults ? loadResults("last") : await run();
if (results === undefined && fromResults) throw new Error("there are no results of an earlier run");
if (results !== undefined) report(results);

function report(results: Results): void {
  console.log(`\n${table(REACH_HEADINGS, reachRows(WORKS, results.works))}`);
  if (asked.writeDocs) for (const path of writeDocs(results, loadResults("previous"))) console.log(path);
}

async function run(): Promise<Results | undefined> {
  const startedAt = new Date();
  const missing = await ensurePeers(peers);
  const place = await openPlace();
  const stop = async () => {
    endMeasurements();
    removeCompiled();
    await place.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stop().then(() => process.exit(130)));
  try {
    const machine = describeMachine(place);
    console.log(table(["", ""], Object.entries(machine)).split("\n").slice(2).join("\n"));
    if (effort.quick) console.log("\n--quick: these figures show that it works, and little else.");
    if (asked.profile) return await profile(place);
    const measured: WorkResult[] = [];
    for (const work of works) {
      const result = await runWork(work, effort, place, missing);
      console.log(`\n${workTable(work, result)}`);
      measured.push(result);
    }
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
    const results = {
      startedAt: startedAt.toISOString(),
      seconds,
      effort,
      machine,
      works: measured,
      goals: goalsOf(measured),
    };
    console.log(`\n${seconds} s; ${saveResults(results)}`);
    return results;
  } finally {
    await stop();
  }
}

/** Measures nothing, as profiling has its price: it says where the time goes, ours and the baseline's. */
async function profile(place: Place): Promise<undefined> {
  for (const work of works) {
    const titles = [CONTESTANTS.ours.title, work.baseline];
    const entries = work.entries.filter(({ title }) => titles.includes(title));
    for (const [index, entry] of ("measureHere" in work ? [] : entries).entries()) {
      console.log(`\n(${work.id}) ${work.title}: ${entry.title}`);
      const name = `${work.id}-${index}`;
      const session = await prepare(work, entry, PROFILED, place, profileSwitches(name));
      const figures = await session.round();
      await session.end();
      const shown = work.columns.map(
        ({ key, title, digits }) => `${title} ${format(figures[key] ?? Number.NaN, digits)}`,
      );
      console.log(`${shown.join(" · ")} (while profiled)\n\n${profileTable(name, PROFILED.measureMs)}`);
    }
  }
}

function goalsOf(measured: readonly WorkResult[]): Results["goals"] {
  return measured.flatMap((result) =>
    (workById(result.id).goals ?? []).map((goal) => {
      const outcome = outcomeOf(goal, result);
      const { what, wanted } = goal;
      return {
        work: result.id,
        what,
        wanted,
        measured: outcome?.measured ?? null,
        met: outcome?.met ?? false,
      };
    }),
  );
}
