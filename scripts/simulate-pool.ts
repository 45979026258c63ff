// Lives random lives of a pool on a virtual clock, with random faults, and looks for broken rules: on every core, from a seed.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { main } from "@openhouse/tooling/cli/main";
import { table } from "@openhouse/tooling/cli/screen";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { CheckoutCopy } from "@openhouse/tooling/mutants/checkout-copy";
import { readSimulationControls } from "@openhouse/tooling/mutants/simulation-controls";

const USAGE = `npm run test:simulation -- [--lives N] [--seed S] [--control]
  --lives N   so many lives (20000; with --control 2000 for each mechanism)
  --seed S    from this seed on; printed at the start, by chance where it is not given
  --control   takes one mechanism after the other out of the pool, and tells in how many lives that is found`;

const PROGRAM = "packages/pool/test/simulation/lives.ts";
/** So many lives are told of at a time. */
const CHUNK = 500;

/** What the program prints. */
interface Tally {
  lives: number;
  operations: number;
  virtualMs: number;
  faults: Record<string, number>;
  /** In how many lives each rule was broken. */
  rules: Record<string, number>;
  finds: { seed: number; rule: string; what: string }[];
}

await main(async () => {
  const { lives, seed, isControl } = readOptions();
  const root = repositoryRoot();
  console.log(`${lives} lives from seed ${seed} on, on ${availableParallelism()} cores`);
  return isControl ? await control(root, seed, lives) : await simulate(root, seed, lives);
});

function readOptions(): { lives: number; seed: number; isControl: boolean } {
  const { values } = readArguments(USAGE, {
    options: { lives: { type: "string" }, seed: { type: "string" }, control: { type: "boolean" } },
  });
  const isControl = values.control ?? false;
  const lives = Number(values.lives ?? (isControl ? 2_000 : 20_000));
  const seed = Number(values.seed ?? randomInt(1_000_000_000));
  for (const [name, value] of Object.entries({ lives, seed }))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new UserError(`--${name} must be a whole number.\n${USAGE}`);
  return { lives, seed, isControl };
}

async function simulate(root: string, seed: number, lives: number): Promise<number> {
  const startedAtMs = performance.now();
  const sum = await onEveryCore(root, seed, lives);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const faults = Object.entries(sum.faults).sort(([, a], [, b]) => b - a);
  console.log(
    `${sum.lives} lives, ${sum.operations} operations, ${Math.round(sum.virtualMs / 3_600_000)} simulated hours in ${seconds.toFixed(0)} s\n` +
      `faults that struck: ${faults.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  );
  const found = sum.finds;
  if (found.length === 0) {
    console.log("every rule was kept");
    return 0;
  }
  for (const { seed, rule, what } of found) console.log(`seed ${seed}: ${rule}: ${what}`);
  const [first] = found;
  if (first !== undefined) console.log(`\n${await run(root, [String(first.seed), "1", first.rule])}`);
  return 1;
}

async function control(root: string, seed: number, lives: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "openhouse-control-"));
  const cells: string[][] = [];
  try {
    const copy = new CheckoutCopy(root, join(directory, "copy"));
    const before = await onEveryCore(copy.directory, seed, lives);
    for (const mutant of readSimulationControls(root)) {
      const sum = await copy.with([mutant], () => onEveryCore(copy.directory, seed, lives));
      const more = Object.entries(sum.rules)
        .map(([rule, count]) => ({ rule, count: count - (before.rules[rule] ?? 0) }))
        .sort((a, b) => b.count - a.count);
      const [most] = more;
      const isFound = most !== undefined && most.count > 0;
      const first = sum.finds.find(({ rule }) => rule === most?.rule)?.seed ?? seed;
      cells.push([
        mutant.name,
        isFound ? String(most.count) : "NONE",
        most?.rule ?? "",
        String(first - seed + 1),
      ]);
      console.log(cells.at(-1)?.join(" | "));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(`\n${table(["mechanism taken out", `of ${lives} lives`, "rule that it breaks"], cells)}`);
  return cells.some(([, found]) => found === "NONE") ? 1 : 0;
}

/** Deals the lives out in pieces, as some take longer than others. */
async function onEveryCore(root: string, seed: number, lives: number): Promise<Tally> {
  const pieces: [seed: number, count: number][] = [];
  for (let done = 0; done < lives; done += CHUNK) pieces.push([seed + done, Math.min(CHUNK, lives - done)]);
  const tallies: Tally[] = [];
  const work = async () => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift())
      tallies.push(await runPiece(root, piece));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return addTallies(tallies);
}

async function runPiece(root: string, [seed, count]: [seed: number, count: number]): Promise<Tally> {
  return JSON.parse(await run(root, [String(seed), String(count)]));
}

function run(root: string, args: string[]): Promise<string> {
  const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`the lives ${args.join(" ")} ended with ${code}`));
    });
  });
}

function addTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = { lives: 0, operations: 0, virtualMs: 0, faults: {}, rules: {}, finds: [] };
  for (const each of tallies) {
    sum.lives += each.lives;
    sum.operations += each.operations;
    sum.virtualMs += each.virtualMs;
    sum.finds.push(...each.finds);
    for (const [name, count] of Object.entries(each.faults))
      sum.faults[name] = (sum.faults[name] ?? 0) + count;
    for (const [name, count] of Object.entries(each.rules)) sum.rules[name] = (sum.rules[name] ?? 0) + count;
  }
  return sum;
}
