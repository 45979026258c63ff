import { contestant } from "../clients/index.ts";
import type { BenchEnvironment } from "./environment.ts";
import { format } from "./figures.ts";
import { prepare } from "./measure.ts";
import type { MissingPeers } from "./peers.ts";
import { findPgbench } from "./pgbench.ts";
import type { EntryResult, WorkResult } from "./results.ts";
import type { Entry, RunOptions, Session, Work } from "./work.ts";

/** Measures one work: every entry once in each round, in an order that moves on by one from round to round. */
export async function runWork(
  work: Work,
  options: RunOptions,
  environment: BenchEnvironment,
  missing: MissingPeers,
): Promise<WorkResult> {
  const sinceMs = performance.now();
  console.log(`\n(${work.id}) ${work.title}`);
  process.stdout.write("  preparing ");
  const entries: EntryResult[] = [];
  const ready: { result: EntryResult; session: Session }[] = [];
  for (const entry of work.entries) {
    const result: EntryResult = { title: titleOf(entry), rounds: [] };
    entries.push(result);
    const peer = entry.client && contestant(entry.client).peer;
    const reason = peer && missing[peer];
    if (reason !== undefined) result.problem = reason;
    else {
      const session = await attempt(result, () => prepare(work, entry, options, environment));
      if (session !== undefined) ready.push({ result, session });
    }
    process.stdout.write(".");
  }
  console.log();
  const absent = work.leftOut?.map(({ title, reason }) => ({ title, problem: reason })) ?? [];
  for (const { title, problem } of [...absent, ...entries])
    if (problem !== undefined) console.log(`  left out: ${title}: ${problem}`);
  const rounds = Math.min(options.rounds, work.mostRounds ?? options.rounds);
  const { key, digits } = work.columns[0];
  for (let round = 0; round < rounds; round++) {
    process.stdout.write(`  round ${round + 1}/${rounds} `);
    const from = round % Math.max(1, ready.length);
    for (const { result, session } of [...ready.slice(from), ...ready.slice(0, from)]) {
      const figures = result.problem === undefined ? await attempt(result, session.round) : undefined;
      result.rounds[round] = figures ?? null;
      process.stdout.write(
        ` ${result.title} ${figures === undefined ? "failed" : format(figures[key], digits)} ·`,
      );
    }
    process.stdout.write("\n");
  }
  console.log(`  ${format((performance.now() - sinceMs) / 1_000)} s`);
  for (const { result, session } of ready) {
    if (result.problem === undefined) await attempt(result, session.end);
    if (result.problem !== undefined) console.log(`  not measured: ${result.title}: ${result.problem}`);
  }
  return { id: work.id, entries };
}

function titleOf({ title, orNamed }: Entry): string {
  return orNamed && findPgbench() === undefined ? "limit: raw pg, named, every core" : title;
}

/** Notes why it failed, if it does: the others go on. */
async function attempt<T>(result: EntryResult, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    result.problem = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
    return undefined;
  }
}
