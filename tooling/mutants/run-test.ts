import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/** A run of one test file takes seconds; a mutant may make it hang. */
const LIMIT_MS = 240_000;
/** That have tests of mutants. */
const PROJECTS = ["pool", "db", "web", "system"];

export interface TestRun {
  /** `broken`: not one test has run, so it says nothing about a mechanism. */
  readonly outcome: "red" | "green" | "broken" | "hung";
  readonly seconds: number;
  /** What was printed, for who wants to know why. */
  readonly output: string;
}

/** Runs one test file of a checkout with Vitest, until the first test that fails. */
export async function runTest(
  directory: string,
  testFile: string,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<TestRun> {
  const startedAtMs = performance.now();
  const reportFile = join(directory, "mutant-report.json");
  rmSync(reportFile, { force: true });
  const vitest = join("node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const args = [
    vitest,
    "run",
    ...PROJECTS.flatMap((project) => ["--project", project]),
    "--bail=1",
    ...reporters,
    testFile,
  ];
  // A group of its own, as Vitest has workers, and a test programs of its own: at the limit all of them go.
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let hung = false;
  const kill = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    hung = true;
    kill();
  }, LIMIT_MS);
  signal.addEventListener("abort", kill, { once: true });
  await new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  clearTimeout(timer);
  signal.removeEventListener("abort", kill);
  signal.throwIfAborted();
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { outcome: hung ? "hung" : outcomeOf(reportFile), seconds, output };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function outcomeOf(reportFile: string): TestRun["outcome"] {
  if (!existsSync(reportFile)) return "broken";
  const { numPassedTests, numFailedTests, success }: Record<string, unknown> = JSON.parse(
    readFileSync(reportFile, "utf8"),
  );
  if (typeof numFailedTests === "number" && numFailedTests > 0) return "red";
  // Tests that pass in a file that fails: an error that no test has caught.
  if (typeof numPassedTests === "number" && numPassedTests > 0) return success === true ? "green" : "red";
  return "broken";
}
