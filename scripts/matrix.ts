import { join } from "node:path";
import { repositoryRoot } from "@openhouse/pool-testing";
import { readArguments } from "@openhouse/tooling/cli/arguments";
import { listenForSignals } from "@openhouse/tooling/cli/interrupt";
import { main } from "@openhouse/tooling/cli/main";
import { UserError } from "@openhouse/tooling/cli/user-error";
import { type Block, markdownOf, textOf, writeSections } from "@openhouse/tooling/measure/markdown";
import { GROUPS } from "./support/matrix/groups.ts";
import { Outside } from "./support/matrix/outside.ts";
import type { Group, Row, Tried } from "./support/matrix/row.ts";

const NAMES = GROUPS.flatMap(({ name, rows }) => [name, ...rows.map((row) => row.name)]);
const USAGE = `npm run matrix -- [--only NAME,…]
  Packs @openhouse/pool, installs it outside the checkout, beside other versions and other libraries, and does the same small
  job in each row. Writes the groups that were run whole into docs/matrix.md; exits with 1 where something is wrong.
  NAME, a row or a group of them:
${GROUPS.map(({ name, rows }) => `    ${name}: ${rows.map((row) => row.name).join(", ")}`).join("\n")}`;

interface Done extends Tried {
  readonly row: Row;
  readonly seconds: number;
}

await main(async () => {
  const { values } = readArguments(USAGE, { options: { only: { type: "string", multiple: true } } });
  const only = values.only?.flatMap((each) => each.split(",")) ?? NAMES;
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw new UserError(`There is no row ${unknown.join(", ")}.\n${USAGE}`);
  const { aborted } = listenForSignals();
  const outside = await Outside.open(aborted);
  try {
    return await runGroups(outside, only);
  } finally {
    await outside.close();
  }
});

async function runGroups(outside: Outside, only: readonly string[]): Promise<number> {
  const done: Done[] = [];
  for (const group of GROUPS) {
    const rows = group.rows.filter(({ name }) => only.includes(name) || only.includes(group.name));
    if (rows.length === 0) continue;
    console.log(`\n${group.title.replaceAll("`", "")}`);
    const ofGroup: Done[] = [];
    for (const row of rows) ofGroup.push(await runRow(row, outside));
    if (rows.length === group.rows.length) writeGroup(group, ofGroup);
    done.push(...ofGroup);
  }
  console.log(`\n${textOf(blocksOf(done))}`);
  return done.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

async function runRow(row: Row, outside: Outside): Promise<Done> {
  const started = performance.now();
  const tried = await row.try(outside).catch((error: unknown): Tried => {
    outside.aborted.throwIfAborted();
    return { versions: "", checks: 1, wrong: [error instanceof Error ? error.message : String(error)] };
  });
  const seconds = (performance.now() - started) / 1_000;
  const done = { ...tried, row, seconds };
  console.log(`  ${row.name}: ${tried.versions}: ${resultOf(done)}, ${seconds.toFixed(1)} s`);
  for (const line of tried.wrong) console.log(`    ${line.replaceAll("\n", "\n      ")}`);
  return done;
}

function writeGroup(group: Group, done: readonly Done[]): void {
  const path = join(repositoryRoot(), "docs/matrix.md");
  writeSections(path, { [`matrix:${group.name}`]: markdownOf([`**${group.title}**`, ...blocksOf(done)]) });
}

function blocksOf(done: readonly Done[]): Block[] {
  const headings = ["row", "what", "versions", "result", "seconds", "note"];
  const rows = done.map((each) => {
    const { row, versions, seconds, note = "" } = each;
    return [row.name, row.what, versions, resultOf(each), seconds.toFixed(1), note];
  });
  const wrong = done.flatMap(({ row, wrong }) => wrong.map((line) => `${row.name}: ${line.split("\n")[0]}`));
  return wrong.length === 0 ? [{ headings, rows }] : [{ headings, rows }, "Wrong:", wrong];
}

function resultOf({ checks, wrong }: Tried): string {
  return wrong.length === 0 ? `OK, ${checks} of ${checks}` : `FAILED: ${wrong.length}`;
}
