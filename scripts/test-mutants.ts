// Takes out one mechanism of the pool, or of the portals, after the other, and expects the test of its row to fail.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultBaseDirectory, repositoryRoot, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { Interrupted, listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { CheckoutCopy } from "@openhouse/tooling/mutants/checkout-copy";
import { type Mutant, readMutants } from "@openhouse/tooling/mutants/mutant";
import { runTest, type TestRun } from "@openhouse/tooling/mutants/run-test";

const USAGE = `npm run test:mutants -- [--fault NAME]... [--verbose]
  --fault NAME  only the mutants of this fault, as docs/FAULTS.md names it, or of these attacks on the portals:
                answers, gate, sessions, strangers, security-log-staff, security-log-homeowners; may be given again
  --verbose     print what the test printed, where a mutant survives`;

const AT_A_TIME = 2;

interface Job {
  /** None: the test as it is, which must be green, or its red would say nothing. */
  readonly mutant: Mutant | undefined;
  readonly test: string;
}

type Result = Job & TestRun;

await main(async () => {
  const { faults, verbose } = readOptions();
  const root = repositoryRoot();
  const mutants = readMutants(root).filter(({ fault }) => faults.length === 0 || faults.includes(fault));
  if (mutants.length === 0) throw new UserError(`There is no mutant of ${faults.join(", ")}.`);
  const tests = [...new Set(mutants.map(({ test }) => test))];
  const jobs: Job[] = [
    ...tests.map((test) => ({ mutant: undefined, test })),
    ...mutants.map((mutant) => ({ mutant, test: mutant.test })),
  ];
  console.log(
    `${mutants.length} mutants, ${AT_A_TIME} at a time; before them their ${tests.length} test files as they are\n`,
  );
  try {
    return report(await runAll(root, jobs), verbose);
  } catch (error) {
    if (error instanceof Interrupted) return 130;
    throw error;
  }
});

function readOptions(): { faults: string[]; verbose: boolean } {
  const { values } = readArguments(USAGE, {
    options: { fault: { type: "string", multiple: true }, verbose: { type: "boolean" } },
  });
  return { faults: values.fault ?? [], verbose: values.verbose ?? false };
}

/** One server for all; each worker has a copy of the checkout, and takes the next job when it has done one. */
async function runAll(root: string, jobs: readonly Job[]): Promise<Result[]> {
  const { aborted } = listenForSignals();
  const directory = mkdtempSync(join(tmpdir(), "openhouse-mutants-"));
  const server = await startEmbeddedPostgres({ name: "mutants", settings: { max_connections: "200" } });
  // Where tests start servers of their own, the copies share our binaries.
  const env = {
    ...process.env,
    TEST_DATABASE_URL: server.url,
    EMBEDDED_POSTGRES_DIR: defaultBaseDirectory(root),
    CI: "",
  };
  const results: Result[] = [];
  const waiting = [...jobs];
  const work = async (name: string) => {
    const copy = new CheckoutCopy(root, join(directory, name));
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const { mutant, test } = job;
      const run = () => runTest(copy.directory, test, { env, signal: aborted });
      const result = { ...job, ...(await (mutant === undefined ? run() : copy.with([mutant], run))) };
      results.push(result);
      console.log(`${results.length}/${jobs.length}  ${describe(result)}`);
    }
  };
  try {
    const workers = Array.from({ length: AT_A_TIME }, (_, index) => work(`copy-${index + 1}`));
    const settled = await Promise.allSettled(workers);
    for (const each of settled) if (each.status === "rejected") throw each.reason;
    return results;
  } finally {
    await server.stop("immediate");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function report(results: readonly Result[], verbose: boolean): number {
  const bad = results.filter((result) => !isAsExpected(result));
  const mutants = results.filter(({ mutant }) => mutant !== undefined);
  mutants.sort((a, b) => (a.mutant?.fault ?? "").localeCompare(b.mutant?.fault ?? ""));
  const cells = mutants.map((result) => [
    result.mutant?.fault ?? "",
    result.mutant?.name ?? "",
    isAsExpected(result) ? result.outcome : result.outcome.toUpperCase(),
    result.seconds.toFixed(1),
  ]);
  console.log(`\n${table(["fault", "mechanism taken out", "test", "seconds"], cells)}\n`);
  for (const result of bad) {
    console.log(describe(result));
    if (verbose || result.mutant === undefined) console.log(result.output);
  }
  const killed = mutants.filter(isAsExpected).length;
  console.log(`${killed} of ${mutants.length} mutants were noticed`);
  return bad.length === 0 ? 0 : 1;
}

function isAsExpected({ mutant, outcome }: Result): boolean {
  return mutant === undefined ? outcome === "green" : outcome === "red" || outcome === "hung";
}

function describe(result: Result): string {
  const { mutant, test, outcome, seconds } = result;
  const what = mutant === undefined ? `as it is: ${test}` : `${mutant.fault}: ${mutant.name}`;
  const verdict = isAsExpected(result) ? outcome : outcome.toUpperCase();
  return `${verdict.padEnd(6)} ${seconds.toFixed(1).padStart(5)} s  ${what}`;
}
