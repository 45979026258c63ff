// Takes out what keeps tenants apart, one thing after the other, and says how long callers under fire need to find that.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot, startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { CheckoutCopy } from "@openhouse/tooling/mutants/checkout-copy";
import {
  type Control,
  type Finding,
  readIsolationControls,
} from "@openhouse/tooling/mutants/isolation-controls";

const USAGE = `node --import tsx scripts/isolation-control.ts [--only TEXT]... [--seconds N]
  --only TEXT  only what has the text in its name; may be given again
  --seconds N  that each run has to find something [60]`;

const FIRE = "packages/db/test/fire/command.ts";
const STATEMENTS_A_ROUND = 4_000;
/** Starting, and looking at what was written, takes longer on a slow machine. */
const LIMIT_S = 120;

const WORDS: Record<Finding, string> = {
  rows: "rows of others",
  leftovers: "what others have left",
  writes: "writes not as told",
  nothing: "nothing",
};

/** The last line that a run prints. */
interface Figures {
  readonly seed: number;
  readonly statements: number;
  readonly seconds: number;
  readonly found: Partial<Record<Finding, { statements: number; seconds: number }>>;
}

interface Result {
  readonly control: Control;
  readonly figures: Figures | undefined;
  readonly output: string;
}

await main(async () => {
  const { values } = readArguments(USAGE, {
    options: { only: { type: "string", multiple: true }, seconds: { type: "string", default: "60" } },
  });
  const { only = [], seconds } = values;
  if (!/^[1-9]\d{0,3}$/.test(seconds)) throw new UserError(`--seconds ${seconds}: from 1 to 9999\n${USAGE}`);
  const root = repositoryRoot();
  const controls = readIsolationControls(root).filter(
    (control) => only.length === 0 || only.some((text) => nameOf(control).includes(text)),
  );
  if (controls.length === 0) throw new UserError(`There is no control of ${only.join(", ")}.`);
  const results = await runAll(root, controls, Number(seconds));
  console.log(`\n${table(["taken out", "found", "statements", "seconds", ""], results.map(cells))}\n`);
  const bad = results.filter((result) => !isAsExpected(result));
  for (const { control, output } of bad) console.log(`${nameOf(control)}:\n${output}`);
  console.log(`${results.length - bad.length} of ${results.length} controls are as expected`);
  return bad.length === 0 ? 0 : 1;
});

function nameOf({ out, as }: Control): string {
  return [as === "app" ? [] : `callers are the ${as}`, ...out].flat().join(", and ");
}

async function runAll(root: string, controls: readonly Control[], seconds: number): Promise<Result[]> {
  const { aborted } = listenForSignals();
  const directory = mkdtempSync(join(tmpdir(), "openhouse-control-"));
  const server = await startEmbeddedPostgres({ name: "control", settings: { max_connections: "200" } });
  const env = { ...process.env, TEST_DATABASE_URL: server.url };
  const results: Result[] = [];
  try {
    const copy = new CheckoutCopy(root, join(directory, "copy"));
    for (const control of controls) {
      const result = await copy.with(control.changes, () =>
        runOne(copy.directory, control, seconds, { env, signal: aborted }),
      );
      aborted.throwIfAborted();
      results.push(result);
      const [name, ...others] = cells(result);
      console.log(`${results.length}/${controls.length}  ${name}: ${others.join("  ")}`);
    }
    return results;
  } finally {
    await server.stop("immediate");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function runOne(
  directory: string,
  control: Control,
  seconds: number,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Result> {
  const until = control.finds === "nothing" ? "anything" : control.finds;
  const options = { seconds, round: STATEMENTS_A_ROUND, as: control.as, until };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const timeout = (seconds + LIMIT_S) * 1000;
  return new Promise((resolve) => {
    const child = {
      cwd: directory,
      env,
      signal,
      timeout,
      killSignal: "SIGKILL" as const,
      maxBuffer: 1 << 26,
    };
    execFile(process.execPath, ["--import", "tsx", FIRE, ...args], child, (_, stdout, stderr) => {
      const lastLine = stdout.trimEnd().split("\n").at(-1) ?? "";
      const figures: Figures | undefined = lastLine.startsWith("{") ? JSON.parse(lastLine) : undefined;
      resolve({ control, figures, output: stdout + stderr });
    });
  });
}

function isAsExpected({ control: { finds }, figures }: Result): boolean {
  if (figures === undefined) return false;
  return finds === "nothing" ? Object.keys(figures.found).length === 0 : finds in figures.found;
}

function cells(result: Result): (string | number)[] {
  const { control, figures } = result;
  const name = nameOf(control);
  if (figures === undefined) return [name, "IT DID NOT RUN", 0, 0, ""];
  const { finds, because = "" } = control;
  const expected = isAsExpected(result);
  const found = figures.found[finds];
  const what = expected
    ? WORDS[finds]
    : `${Object.keys(figures.found).join(", ") || "nothing"}, NOT ${WORDS[finds]}`;
  const { statements, seconds } = found ?? figures;
  return [name, what, statements, Number(seconds.toFixed(1)), because];
}
