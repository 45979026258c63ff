// Measures the rows of FAULTS.md on a plain drizzle(new pg.Pool()) and on ours, in one run, on one embedded server.
import { cpus } from "node:os";
import { startEmbeddedPostgres } from "@openhouse/pool-testing";
import { readOrExplain } from "@openhouse/tooling/cli/arguments";
import { table } from "@openhouse/tooling/cli/screen";
import { RESULTS } from "./compare/results.ts";
import { FIGURES } from "./faults/figures.ts";
import { endAllBackends, type Kind, type Lab, type Row, settled } from "./faults/lab.ts";
import { ROWS } from "./faults/rows.ts";

const KINDS: readonly Kind[] = ["plain", "ours"];
const LIMIT_MS = 60_000;

interface Line extends Record<Kind, string> {
  readonly row: string;
  readonly fault: string;
}

const rows = ROWS.map((row, index): [string, Row] => [String(index + 1), row]);
const figures = FIGURES.map((row, index): [string, Row] => [`F${index + 1}`, row]);
const all = [...rows, ...figures];
const USAGE = `npm run faults:compare -- [ROW]...
  ROW   of FAULTS.md, 1 to ${rows.length}, or a figure, F1 to F${figures.length} [all]`;

const wanted = readOrExplain(USAGE, () => {
  const chosen = process.argv.slice(2);
  const unheardOf = chosen.filter((name) => all.every(([known]) => known !== name));
  if (unheardOf.length > 0) throw new Error(`no such row: ${unheardOf.join(", ")}`);
  return all.filter(([name]) => chosen.length === 0 || chosen.includes(name));
});

// What a stack throws where nobody can catch it is measured in processes of their own; here it must not end the run.
process.on("uncaughtException", (error) => console.error(`  uncaught: ${error.message}`));
process.on("unhandledRejection", () => {});

const startedAt = new Date();
const server = await startEmbeddedPostgres({ name: "faults-compare", settings: { max_connections: "100" } });
const lines: Line[] = [];
try {
  const lab: Lab = { server, url: server.url };
  for (const [row, { fault, measure }] of wanted) {
    console.log(`${row.padStart(2)}  ${fault}`);
    const line = { row, fault, plain: "", ours: "" };
    for (const kind of KINDS) {
      const outcome = await settled(measure(kind, lab), LIMIT_MS);
      line[kind] = outcome.how === "done" ? outcome.value : told(outcome);
      console.log(`      ${kind.padEnd(5)}  ${line[kind]}  (${(outcome.tookMs / 1_000).toFixed(1)} s)`);
      await endAllBackends(lab);
    }
    lines.push(line);
  }
} finally {
  await server.stop("immediate");
}

const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
console.log(
  `\n${table(
    ["row", "fault", "plain drizzle(new pg.Pool())", "ours"],
    lines.map(({ row, fault, plain, ours }) => [row, fault, plain, ours]),
  )}\n`,
);
console.log(
  "The plain pool is given 'error' listeners in every row but 3: without them its process would end.",
);
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
const report = { startedAt, seconds, machine, lines };
console.log(`${seconds} s; ${RESULTS.write("faults-compare.json", report)}`);
process.exit(0); // a plain pool that hangs would hold the process

function told(outcome: Awaited<ReturnType<typeof settled>>): string {
  return outcome.how === "failed" ? `not measured: ${String(outcome.error)}` : "hangs";
}
