import { bytesOf, LOG_END, LOG_TIMELINE } from "../query/read-token.ts";

/** What a replica says of itself. */
export const REPLICA_STATE = `
  select pg_catalog.pg_is_in_recovery() as "isStandby",
    pg_catalog.pg_last_wal_replay_lsn()::varchar as lsn,
    (extract(epoch from pg_catalog.pg_last_xact_replay_timestamp()) operator(pg_catalog.*) 1000)::float as "replayedAtMs",
    (select pg_catalog.count(*) from pg_catalog.pg_stat_wal_receiver)::int as receivers,
    greatest((select timeline_id from pg_catalog.pg_control_checkpoint()),
      (select min_recovery_end_timeline from pg_catalog.pg_control_recovery()))::int as timeline`;

/** What the primary says; nothing where the server is none. */
export const PRIMARY_STATE = `
  select case when not pg_catalog.pg_is_in_recovery() then ${LOG_END} end as lsn,
    case when not pg_catalog.pg_is_in_recovery() then ${LOG_TIMELINE} end as timeline,
    (extract(epoch from pg_catalog.clock_timestamp()) operator(pg_catalog.*) 1000)::float as "clockMs"`;

interface Sample {
  readonly atMs: number;
  readonly bytes: bigint;
}

/** So many positions of the primary are remembered: minutes of them. */
const MOST_SAMPLES = 600;

/**
 * Where the primary's log was, and when: how far behind a replica is, by one clock. What a replica has received says nothing: one
 * whose receiver is dead has replayed all of it.
 */
export class PrimaryHistory {
  readonly #samples: Sample[] = [];

  add(lsn: string, atMs: number): void {
    const bytes = bytesOf(lsn);
    const last = this.#samples.at(-1);
    if (last !== undefined && bytes < last.bytes) this.#samples.length = 0; // another primary's log
    this.#samples.push({ atMs, bytes });
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
  }

  /** How long ago the primary last said where it is, in milliseconds. */
  ageMs(atMs: number): number {
    const newest = this.#samples.at(-1);
    return newest === undefined ? Number.POSITIVE_INFINITY : atMs - newest.atMs;
  }

  /**
   * How long ago the primary was, at the latest, where the replica is now.
   *
   * @param lsn to which the replica has replayed.
   * @param sinceReplayMs how old the last commit is that it has replayed, where that is known, by the primary's clock.
   * @returns 0 where it has all that the primary was known to have.
   */
  lagMs(lsn: string, atMs: number, sinceReplayMs = Number.POSITIVE_INFINITY): number {
    const bytes = bytesOf(lsn);
    const newest = this.#samples.at(-1);
    if (newest === undefined || bytes >= newest.bytes) return 0;
    const reached = this.#samples.findLast((sample) => sample.bytes <= bytes);
    const sinceSampleMs = reached === undefined ? Number.POSITIVE_INFINITY : atMs - reached.atMs;
    return Math.max(0, Math.min(sinceSampleMs, sinceReplayMs));
  }
}
