import type { OperationName } from "../clients/client.ts";
import { CONTESTANTS, type ContestantName, contestant, contestantNames } from "../clients/index.ts";
import { measureLoad, warmUp } from "./load.ts";
import type { Column, Entry, Goal, Job, LeftOut, Session, WarmWork } from "./work.ts";

/** Connections of every pool, and of pgbench. */
export const MAX = 20;
export const CALLERS = 100;
export const LIMIT = "limit: pgbench -M prepared";

/** What the server can do on this machine, as a script of pgbench's. */
export function limit(pgbench: string): Entry {
  return { title: LIMIT, pgbench, orNamed: true };
}

export const THROUGHPUT: readonly [Column, ...Column[]] = [
  { key: "perSecond", title: "per second" },
  { key: "p50Ms", title: "p50 ms", digits: 1 },
  { key: "p99Ms", title: "p99 ms", digits: 1 },
  { key: "cpuUs", title: "client CPU µs" },
];

/** How many operations a second 100 callers get through 20 connections. @param work more entries than the clients. */
export function throughputWork(
  operation: OperationName,
  work: Pick<WarmWork, "id" | "title" | "method"> & Partial<WarmWork>,
): WarmWork {
  const { entries, leftOut } = entriesFor(operation);
  return {
    better: "more",
    columns: THROUGHPUT,
    baseline: CONTESTANTS.drizzlePg.title,
    leftOut,
    begin: (job) => beginOperation(operation, job),
    ...work,
    entries: [...entries, ...(work.entries ?? [])],
  };
}

/** Everybody who can do this. */
export function entriesFor(
  operation: OperationName,
  names: readonly ContestantName[] = contestantNames(),
): { entries: Entry[]; leftOut: LeftOut[] } {
  const entries: Entry[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of names) {
    const { title, without } = contestant(name);
    const reason = without?.[operation];
    if (reason === undefined) entries.push({ title, client: name });
    else leftOut.push({ title, reason });
  }
  return { entries, leftOut };
}

/** Opens the client and warms it up; each round is a load of its own. */
export async function beginOperation(name: OperationName, job: Job): Promise<Session> {
  const { entry, options, url } = job;
  const { processes = 1 } = entry;
  const callers = CALLERS / processes;
  const { operation, close } = await openOperation(entry, name, { url, max: MAX / processes });
  const found = await operation(1);
  if (found.length === 0) throw new Error(`${entry.title} got no row of ${name}: it does not do the work`);
  await warmUp(operation, callers, options);
  return { round: () => measureLoad(operation, { callers, ...options }), end: close };
}

export async function openOperation(
  { title, client, orNamed = false }: Entry,
  name: OperationName,
  options: { url: string; max: number; crowd?: boolean },
) {
  if (client === undefined) throw new Error(`${title} is no client`);
  const { open } = await contestant(client).load();
  const { operations, close } = await open({ ...options, named: orNamed });
  const operation = operations[name];
  if (operation === undefined) throw new Error(`${title} has no ${name}`);
  return { operation, close };
}

/** How many times as much of `key` one entry gets as another, in one round. */
export function times(key: string, one: string, other: string): Goal["of"] {
  return (round) => {
    const [mine, theirs] = [round(one)?.[key], round(other)?.[key]];
    return mine === undefined || theirs === undefined ? undefined : mine / theirs;
  };
}
