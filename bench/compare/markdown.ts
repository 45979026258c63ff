import { CONTESTANTS } from "../clients/index.ts";
import { WORKS } from "../work/index.ts";
import { format } from "./figures.ts";
import { goalCells, workRows } from "./report.ts";
import { outcomeOf, type Results, summaryOf, type WorkResult } from "./results.ts";
import type { Effort, Goal, Work } from "./work.ts";

const INTRODUCTION = `# Benchmarks

Our pool beside what people use instead, in one run, on one server. Written by \`npm run bench -- --write-docs\`; edits to
this file are lost. Figures in per second and ms belong to the machine below; ratios travel better.

\`npm run bench\` measures it all anew (about twelve minutes on a quiet machine), \`npm run bench -- --only 1,5 --rounds 3\`
a part of it, \`npm run bench -- --quick\` shows in a minute or two that everything works. The first run installs postgres.js and
Prisma into \`bench/peers\`, apart from the workspaces, so that \`npm ci\` is none the slower. Results for machines are in
\`bench/results/bench.json\`.`;

const METHOD = `## Method

- **A process for each client.** In (1) to (6) it starts, opens its client, checks that it gets the rows, and runs the work some
  thousand times, so that it is compiled; then it waits for its turns. So one client's garbage and compiled code do not weigh on
  another's, and none is measured cold. Works that change what they measure (7 to 12) have a new process for each round.
- **In turns.** Each round measures every client once, after a short run-up, while the others are idle; the order moves on by one
  from round to round. Ratios are taken within a round, then their median over the rounds: what disturbs one client disturbs its
  neighbours too.
- **Compiled as in production.** Our packages are TypeScript; a bundler makes JavaScript of them, as Next.js does for the portals.
  Under \`tsx\` every function made at run time is given its name anew, which would cost ours, and not the peers.
- **Two cores are for all.** Server, client and, in (5b), the proxy share the machine. Throughput is thus that of the whole; the
  column *client CPU* is the measuring process alone, garbage collection included.
- **The same load.** 100 callers, each of which waits for its answer before it asks again, over 20 connections, unless the work says
  otherwise. The rows asked for are scattered, and the same for everybody.
- **The same statements.** One source for every driver under Drizzle; raw clients and pgbench have the statement that Drizzle makes,
  by hand. Prisma writes its own SQL. Each client is used as its documentation shows, with its defaults except for the number of
  connections. Ours has all on that is on by default: deadlines, judgement of connections that come back, figures.
- **The server** is the embedded one, made for the run; it does not wait for disks and has no autovacuum, because clients are
  measured, not disks. Sign-in is SCRAM, as everywhere.
- **Spread** is from the lowest to the highest round, as part of the median. Differences smaller than the spread mean nothing.`;

/** Rounds below this have no spread to speak of. */
const FEW = 3;

/** @param charts by work, below docs/. */
export function markdown(
  results: Results,
  previous: Results | undefined,
  charts: ReadonlyMap<string, readonly string[]>,
): string {
  const works = WORKS.filter(({ id }) => results.works.some((result) => result.id === id));
  return `${[
    INTRODUCTION,
    ...caution(results.effort),
    "## What was to be reached",
    reach(works, results, previous),
    ...bounds(works, results),
    METHOD,
    "## Machine",
    machine(results),
    "## Results",
    ...works.map((work) => section(work, resultOf(results, work), charts.get(work.id) ?? [])),
  ].join("\n\n")}\n`;
}

/** Before figures that are not to be relied on. */
function caution({ quick, rounds }: Effort): string[] {
  if (quick) return ["**This is a `--quick` run: it shows that the bench works, and little else.**"];
  return rounds < FEW
    ? [`**This is a run of ${rounds}: too few rounds to tell a difference from chance.**`]
    : [];
}

function reach(works: readonly Work[], results: Results, previous: Results | undefined): string {
  const rows = works.flatMap((work) =>
    (work.goals ?? []).map((goal) => {
      const [wanted, measured, spread, reached] = goalCells(goal, resultOf(results, work));
      const before = previous?.works.find(({ id }) => id === work.id);
      const [, measuredBefore = ""] = before === undefined ? [] : goalCells(goal, before);
      return [`(${work.id}) ${goal.what}`, wanted, measured, spread, measuredBefore, reached];
    }),
  );
  const headings = ["", "wanted", "this run", "lowest to highest", "the run before", "reached"];
  const when = `This run: ${results.startedAt}, ${results.seconds} s.`;
  const before =
    previous === undefined ? "" : ` The run before: ${previous.startedAt}, ${previous.seconds} s.`;
  return `${when}${before}\n\n${markdownTable(headings, rows)}`;
}

function bounds(works: readonly Work[], results: Results): string[] {
  const lines = works.flatMap((work) =>
    (work.goals ?? [])
      .filter((goal) => isMissed(goal, resultOf(results, work)))
      .map(({ what, bound }) => `- (${work.id}) ${what}: ${bound ?? "the reason is not known yet."}`),
  );
  return lines.length === 0
    ? []
    : [`Where it is not reached, what stands in the way:\n\n${lines.join("\n")}`];
}

function isMissed(goal: Goal, result: WorkResult): boolean {
  return outcomeOf(goal, result)?.met === false;
}

function machine({ machine: facts, effort }: Results): string {
  const rows = Object.entries(facts);
  const rounds = `${effort.rounds}, fewer where a work says so; ${effort.warmUpMs} ms to warm up, ${effort.measureMs} ms measured`;
  return markdownTable(["", ""], [...rows, ["rounds", rounds]]);
}

function section(work: Work, result: WorkResult, charts: readonly string[]): string {
  const { headings, rows } = workRows(work, result);
  const rounds = Math.max(0, ...result.entries.map((entry) => entry.rounds.length));
  const absent = [
    ...(work.leftOut ?? []).map(({ title, reason }) => `${title}: ${reason}`),
    ...result.entries.flatMap(({ title, problem }) =>
      problem === undefined ? [] : [`${title}: ${problem}`],
    ),
  ];
  const ahead = peersAhead(work, result);
  return [
    `### (${work.id}) ${work.title}`,
    `${work.method} Rounds: ${rounds}.`,
    ...charts.map((path) => `![(${work.id}) ${work.title}](${path})`),
    markdownTable(headings, rows),
    ...(ahead.length === 0 ? [] : [`Ahead of ours:\n\n${ahead.join("\n")}`]),
    ...(absent.length === 0 ? [] : [`Not measured:\n\n${absent.map((line) => `- ${line}`).join("\n")}`]),
  ].join("\n\n");
}

/** Peers whose median is better, with the reason; the limit is no peer, and variants of ours are not either. */
function peersAhead(work: Work, result: WorkResult): string[] {
  const [{ key }] = work.columns;
  return result.entries.flatMap((entry) => {
    if (/^(ours|limit)/.test(entry.title)) return [];
    const mine = result.entries.find(({ title }) => title === CONTESTANTS.ours.title);
    const [ours, theirs] = [mine && summaryOf(mine, key), summaryOf(entry, key)];
    if (ours === undefined || theirs === undefined) return [];
    const factor = work.better === "more" ? theirs.median / ours.median : ours.median / theirs.median;
    if (!(factor > 1)) return [];
    const overlap = theirs.lowest <= ours.highest && ours.lowest <= theirs.highest;
    const reason = overlap
      ? "The rounds of both overlap: no difference that counts."
      : (work.ahead?.[entry.title] ?? "The reason is not known yet.");
    return [`- ${entry.title}, ${format(factor, 2)} times: ${reason}`];
  });
}

function resultOf(results: Results, work: Work): WorkResult {
  return results.works.find(({ id }) => id === work.id) ?? { id: work.id, entries: [] };
}

function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = `|${headings.map((_, column) => (column === 0 ? "---|" : "---:|")).join("")}`;
  return [line(headings), rule, ...rows.map(line)].join("\n");
}
