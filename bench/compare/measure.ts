import { availableParallelism } from "node:os";
import type { BenchEnvironment } from "./environment.ts";
import type { Figures } from "./figures.ts";
import { startMeasuring } from "./measuring.ts";
import { findPgbench, runPgbench } from "./pgbench.ts";
import type { Entry, Job, RunOptions, Session, Work } from "./work.ts";

/**
 * Prepares an entry of a work for its rounds. Where a client is to be warm it is one process for all of them, otherwise
 * one for each.
 *
 * @param switches of Node, for the process that measures.
 * @throws why it cannot be measured; so do its rounds.
 */
export async function prepare(
  work: Work,
  entry: Entry,
  options: RunOptions,
  environment: BenchEnvironment,
  switches: readonly string[] = [],
): Promise<Session> {
  const { proxy, slowSignInUrl } = environment;
  const { delayMs } = entry;
  proxy.setDelayMs(delayMs ?? 0);
  const url = delayMs === undefined ? environment.url : proxy.url(environment.url);
  const job = { workId: work.id, entry, options, url, slowSignInUrl };
  const session = await open(work, job, environment, switches);
  return {
    async round() {
      proxy.setDelayMs(delayMs ?? 0);
      if (work.prepareSql !== undefined) await environment.execute(work.prepareSql);
      return session.round();
    },
    end: session.end,
  };
}

async function open(
  work: Work,
  job: Job,
  environment: BenchEnvironment,
  switches: readonly string[],
): Promise<Session> {
  const { entry, options, url } = job;
  const { pgbench: script } = entry;
  if (script !== undefined)
    return findPgbench() === undefined && entry.orNamed
      ? onEveryCore(job)
      : withoutEnd(() => runPgbench(script, options, url));
  if ("measureHere" in work) return withoutEnd(() => work.measureHere(entry, environment));
  if ("begin" in work) return startMeasuring(job, switches);
  return withoutEnd(async () => {
    const sessionsBefore = await environment.sessions();
    const measuring = await startMeasuring(job, switches);
    const figures = await measuring.round();
    await measuring.end();
    return { ...figures, backends: (await environment.sessions()) - sessionsBefore };
  });
}

function withoutEnd(round: () => Promise<Figures>): Session {
  return { round, end: async () => {} };
}

/** Raw pg in as many processes as there are cores, which share the callers and connections. */
async function onEveryCore(job: Job): Promise<Session> {
  const processes = availableParallelism();
  const part: Job = { ...job, entry: { ...job.entry, client: "rawPg", processes } };
  const parts = await Promise.all(Array.from({ length: processes }, () => startMeasuring(part)));
  return {
    async round() {
      const figures = await Promise.all(parts.map((each) => each.round()));
      return { perSecond: figures.reduce((sum, { perSecond = 0 }) => sum + perSecond, 0) };
    },
    end: async () => void (await Promise.all(parts.map((each) => each.end()))),
  };
}
