// Runs the faults of docs/FAULTS.md on a plain drizzle(new pg.Pool()) and on ours, side by side, on one embedded server.
import { cpus } from "node:os";
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { table } from "@openhouse/tooling/cli/screen";
import type { Kind, Outcome, ServerContext } from "@openhouse/tooling/faults/context";
import { FAULTS } from "@openhouse/tooling/faults/index";
import { endBackends, observing } from "@openhouse/tooling/faults/observe";
import { settle } from "@openhouse/tooling/faults/settle";
import { RESULTS } from "./compare/results.ts";
import { FIGURES } from "./faults-figures.ts";

const KINDS: readonly Kind[] = ["plain", "ours"];
const LIMIT_MS = 90_000;

interface Line extends Partial<Record<Kind, Outcome>> {
  readonly name: string;
  readonly title: string;
}

const all = Object.entries({ ...FAULTS, ...FIGURES });
const USAGE = `npm run faults:compare -- [FAULT]...
  FAULT  as docs/FAULTS.md names it [all], or a figure:
         ${Object.keys(FAULTS).join(", ")}
         ${Object.keys(FIGURES).join(", ")}`;

const wanted = readOrExplain(USAGE, () => {
  const chosen = process.argv.slice(2);
  const unheardOf = chosen.filter((name) => all.every(([known]) => known !== name));
  if (unheardOf.length > 0) throw new Error(`no such fault: ${unheardOf.join(", ")}`);
  return all.filter(([name]) => chosen.length === 0 || chosen.includes(name));
});

// What a pool throws where nobody can catch it is measured in processes of their own; here it must not end the run.
process.on("uncaughtException", (error) => console.error(`  uncaught: ${error.message}`));
process.on("unhandledRejection", () => {});

const startedAt = new Date();
const server = await startEmbeddedPostgres({ name: "faults-compare", settings: { max_connections: "100" } });
const lines: Line[] = [];
try {
  for (const [name, { title, run }] of wanted) {
    console.log(`${name}: ${title}`);
    const line: Line = { name, title };
    for (const kind of KINDS) {
      const context: ServerContext = { kind, url: server.url, server };
      const { value, error, tookMs } = await settle(run(context), LIMIT_MS);
      line[kind] = value ?? { notMeasured: String(error ?? "hangs") };
      console.log(`  ${kind.padEnd(5)}  ${tell(line[kind])}  (${duration(tookMs)})`);
      await observing(context, endBackends);
    }
    lines.push(line);
  }
} finally {
  await server.stop("immediate");
}

const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
const cells = lines.flatMap(({ name, plain = {}, ours = {} }) =>
  Object.keys({ ...plain, ...ours }).map((fact, index) => [
    index === 0 ? name : "",
    wordsOf(fact),
    textOf(fact, plain),
    textOf(fact, ours),
  ]),
);
console.log(`\n${table(["fault", "", "plain drizzle(new pg.Pool())", "ours"], cells)}\n`);
console.log(
  "The plain pool is given 'error' listeners in every fault but backend-dies: without them its process would end.",
);
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
const report = { startedAt, seconds, machine, lines };
console.log(`${seconds} s; ${RESULTS.write("faults-compare.json", report)}`);
process.exit(0); // a plain pool that hangs would hold the process

function tell(outcome: Outcome): string {
  return Object.keys(outcome)
    .map((fact) => `${wordsOf(fact)}: ${textOf(fact, outcome)}`)
    .join(", ");
}

/** `slotsLost` as "slots lost". */
function wordsOf(fact: string): string {
  return fact
    .replace(/Ms$/, "")
    .replace(/[a-z][A-Z]/g, ([end, start = ""]) => `${end} ${start.toLowerCase()}`);
}

function textOf(fact: string, { [fact]: value = "" }: Outcome): string {
  return fact.endsWith("Ms") ? duration(Number(value)) : String(value);
}

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
