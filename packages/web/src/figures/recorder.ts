import type { DatabaseObservation } from "@openhouse/db/figures";
import type { PoolTotals } from "@openhouse/pool";
import { History } from "./history.ts";
import type { RangeName, Reading } from "./reading.ts";
import { countsBetween, RecentTotals } from "./recent-totals.ts";

/** What a probe found says nothing of now after so long, in milliseconds: somebody who watches asks more often. */
const PROBE_COUNTS_MS = 5_000;

interface Sources {
  /** Takes no connection and no statement. */
  observe(): DatabaseObservation;
  isDraining(): boolean;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Notes each second how a process's database is doing, whether somebody looks or not. */
export class Recorder {
  readonly totals = new RecentTotals();
  readonly #sources: Sources;
  readonly #history = new History();
  readonly #listeners = new Set<(reading: Reading) => void>();
  #before: PoolTotals | undefined;
  #latest: Reading | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Takes a reading. Called once a second. */
  record(): Reading {
    const atMs = this.#sources.now();
    const observation = this.#sources.observe();
    const reading = this.#read(observation, atMs);
    if (observation.totals !== undefined) this.totals.add(observation.totals, atMs);
    this.#before = observation.totals;
    this.#history.add(reading);
    this.#latest = reading;
    for (const listener of this.#listeners) listener(reading);
    return reading;
  }

  /** The last reading; the first, where there was none yet. */
  get latest(): Reading {
    return this.#latest ?? this.record();
  }

  of(range: RangeName): readonly Reading[] {
    return this.#history.of(range);
  }

  last(spanMs: number): readonly Reading[] {
    return this.#history.last(spanMs);
  }

  /** Has `listener` hear of each reading from now on. @returns what ends it. */
  listen(listener: (reading: Reading) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #read({ stats, oldestWaiterMs, totals, health }: DatabaseObservation, atMs: number): Reading {
    const before = this.#before ?? totals;
    const connects = totals && before ? countsBetween(before.connectErrors, totals.connectErrors) : [];
    const statements = totals && before ? countsBetween(before.statementErrors, totals.statementErrors) : [];
    const refusedBy = ({ timeouts, shed }: PoolTotals) => timeouts + shed;
    const probed = health !== undefined && atMs - health.atMs <= PROBE_COUNTS_MS ? health.report : undefined;
    // Nobody asks the database how it is unless somebody wants to know; that connecting fails, and nothing is answered, says it too.
    const isSilent = connects[0] !== undefined && (stats.answeredMsAgo ?? Infinity) > PROBE_COUNTS_MS;
    const known: Pick<Reading, "status" | "kind"> =
      probed !== undefined
        ? { status: probed.status, kind: probed.error ?? null }
        : isSilent
          ? { status: "unhealthy", kind: connects[0]?.kind ?? null }
          : { status: "unknown", kind: null };
    return {
      atMs,
      ...known,
      ...(this.#sources.isDraining() && { status: "draining" }),
      latencyMs: probed?.healthy === true ? probed.latencyMs : null,
      used: stats.usedCount,
      idle: stats.idleCount,
      max: stats.max,
      waiting: stats.waitingCount,
      oldestWaiterMs: Math.round(oldestWaiterMs),
      refused: totals && before ? Math.max(0, refusedBy(totals) - refusedBy(before)) : 0,
      errors: [...connects, ...statements].reduce((sum, { count }) => sum + count, 0),
    };
  }
}
