import { contestant } from "../clients/index.ts";
import { format } from "./figures.ts";
import { prepare } from "./measure.ts";
import type { MissingPeers } from "./peers.ts";
import { findPgbench } from "./pgbench.ts";
import type { Place } from "./place.ts";
import type { EntryResult, WorkResult } from "./results.ts";
import type { Effort, Entry, Session, Work } from "./work.ts";

/** Measures one work: every entry once in each round, in an order that moves on by one from round to round. */
export async function runWork(
  work: Work,
  effort: Effort,
  place: Place,
  missing: MissingPeers,
): Promise<WorkResult> {
  const sinceMs = performance.now();
  console.log(`\n(${work.id}) ${work.title}`);
  const entries = work.entries.map((entry): { entry: Entry; result: EntryResult } => ({
    entry,
    result: { title: titleOf(entry), rounds: [] },
  }));
  for (const { entry, result } of entries) {
    const peer = entry.client === undefined ? undefined : contestant(entry.client).peer;
    const reason = peer === undefined ? undefined : missing[peer];
    if (reason !== undefined) result.problem = reason;
  }
  for (const { title, reason } of work.leftOut ?? []) console.log(`  left out: ${title}: ${reason}`);
  for (const { result } of entries)
    if (result.problem !== undefined) console.log(`  left out: ${result.title}: ${result.problem}`);

  const taking = entries.filter(({ result }) => result.problem === undefined);
  const ready: { result: EntryResult; session: Session }[] = [];
  process.stdout.write("  preparing ");
  for (const { entry, result } of taking) {
    const session = await attempt(result, () => prepare(work, entry, effort, place));
    if (session !== undefined) ready.push({ result, session });
    process.stdout.write(".");
  }
  const rounds = Math.min(effort.rounds, work.mostRounds ?? effort.rounds);
  const { key, digits } = work.columns[0];
  for (let round = 0; round < rounds; round++) {
    process.stdout.write(`\n  round ${round + 1}/${rounds} `);
    for (const { result, session } of rotate(ready, round)) {
      const figures = result.problem === undefined ? await attempt(result, () => session.round()) : undefined;
      result.rounds[round] = figures ?? null;
      process.stdout.write(
        ` ${result.title} ${figures === undefined ? "failed" : format(figures[key] ?? 0, digits)} ·`,
      );
    }
  }
  process.stdout.write(`\n  ${format((performance.now() - sinceMs) / 1_000)} s\n`);
  for (const { result, session } of ready)
    if (result.problem === undefined) await attempt(result, () => session.end());
  for (const { result } of taking)
    if (result.problem !== undefined) console.log(`  not measured: ${result.title}: ${result.problem}`);
  return { id: work.id, entries: entries.map(({ result }) => result) };
}

function titleOf({ title, orNamed }: Entry): string {
  return orNamed && findPgbench() === undefined ? "limit: raw pg, named, every core" : title;
}

/** Notes why it failed, if it does: the others go on. */
async function attempt<T>(result: EntryResult, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    result.problem = error instanceof Error ? error.message : String(error);
    return undefined;
  }
}

function rotate<T>(all: readonly T[], by: number): T[] {
  const from = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}
