import { availableParallelism } from "node:os";
import type { Figures } from "./figures.ts";
import { MeasuringProcess } from "./measuring.ts";
import { findPgbench, runPgbench } from "./pgbench.ts";
import type { Place } from "./place.ts";
import type { Effort, Entry, Job, Session, Work } from "./work.ts";

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
  effort: Effort,
  place: Place,
  switches: readonly string[] = [],
): Promise<Session> {
  place.proxy.setDelayMs(entry.delayMs ?? 0);
  const url = entry.delayMs === undefined ? place.url : place.proxy.url(place.url);
  const job = { workId: work.id, entry, effort, url, slowSignInUrl: place.slowSignInUrl };
  const session = await open(work, job, place, switches);
  return {
    async round() {
      place.proxy.setDelayMs(entry.delayMs ?? 0);
      if (work.prepareSql !== undefined) await place.execute(work.prepareSql);
      return session.round();
    },
    end: () => session.end(),
  };
}

async function open(work: Work, job: Job, place: Place, switches: readonly string[]): Promise<Session> {
  const { entry, effort, url } = job;
  if (entry.pgbench !== undefined) {
    const script = entry.pgbench;
    if (findPgbench() === undefined && entry.orNamed) return onEveryCore(job);
    return withoutEnd(() => runPgbench(script, effort, url));
  }
  if ("measureHere" in work) return withoutEnd(() => work.measureHere(entry, effort, place));
  if ("begin" in work) return MeasuringProcess.start(job, switches);
  return withoutEnd(async () => {
    const sessionsBefore = await place.sessions();
    const measuring = await MeasuringProcess.start(job, switches);
    const figures = await measuring.round();
    await measuring.end();
    return { ...figures, backends: (await place.sessions()) - sessionsBefore };
  });
}

function withoutEnd(round: () => Promise<Figures>): Session {
  return { round, end: async () => {} };
}

/** Raw pg in as many processes as there are cores, which share the callers and connections. */
async function onEveryCore(job: Job): Promise<Session> {
  const processes = availableParallelism();
  const part: Job = { ...job, entry: { ...job.entry, client: "rawPg", processes } };
  const parts = await Promise.all(Array.from({ length: processes }, () => MeasuringProcess.start(part)));
  return {
    async round() {
      const figures = await Promise.all(parts.map((each) => each.round()));
      return { perSecond: figures.reduce((sum, { perSecond = 0 }) => sum + perSecond, 0) };
    },
    async end() {
      await Promise.all(parts.map((each) => each.end()));
    },
  };
}
