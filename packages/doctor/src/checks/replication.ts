import type pg from "pg";
import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import { CannotLook, type Found, ok, skip, warn } from "../finding.ts";

const LAG_MS = 5_000;
/** A primary says something to a receiver every half minute at least, where nobody has told it otherwise. */
const SILENT_MS = 60_000;

export const replicationLag: Check = {
  id: "replication_lag",
  title: "how far standbys are behind",
  why: "a failover loses what the standby lacks, and its readers see the past",
  async look(examination) {
    const standby = await standbyOf(examination);
    const found = standby === undefined ? [] : [await lagOf(standby, examination)];
    return [...found, ...(await lagsBelow(examination, standby))];
  },
};

/** Of those that the server feeds. */
async function lagsBelow(examination: Examination, standby: pg.Client | undefined): Promise<Found[]> {
  const { rows } = await (standby ?? examination.observer).query<{
    name: string;
    ms: number | null;
    hidden: boolean;
  }>(
    `select coalesce(nullif(application_name, ''), client_addr::text, 'a standby') as name,
            extract(epoch from replay_lag)::float8 * 1000 as ms, state is null as hidden from pg_stat_replication`,
  );
  if (rows.length === 0) return standby === undefined ? [ok("no standby is connected")] : [];
  if (rows.some(({ hidden }) => hidden)) await examination.needsToSeeAll("the standbys");
  return rows
    .filter(({ ms }) => (ms ?? 0) > (examination.options.lagMs ?? LAG_MS))
    .map(({ name, ms }) =>
      warn(
        `${name} is ${Math.round((ms ?? 0) / 1_000)} s behind`,
        "the standby's disk and network, and what it waits for",
        name,
      ),
    );
}

/**
 * Of the standby itself. Where it has replayed all that it was sent it is not behind, however long ago the last transaction was;
 * but without a receiver nobody knows what there is to send.
 */
async function lagOf(standby: pg.Client, { options }: Examination): Promise<Found> {
  const { rows } = await standby.query<{
    all: boolean;
    ms: number | null;
    receives: boolean;
    paused: boolean;
  }>(
    `select coalesce(pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn(), false) as all,
            extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 * 1000 as ms,
            exists (select from pg_stat_wal_receiver) as receives, pg_is_wal_replay_paused() as paused`,
  );
  const { all = false, ms = null, receives = false, paused = false } = rows[0] ?? {};
  if (all && receives) return ok("the standby has replayed all that it was sent");
  if (all || ms === null)
    return skip("how far the standby is behind, as nothing is sent to it", "what wal_receiver says");
  if (ms <= (options.lagMs ?? LAG_MS)) return ok(`the standby is ${Math.round(ms)} ms behind`);
  return warn(
    `the standby is ${Math.round(ms / 1_000)} s behind${paused ? ": its replay is paused" : ""}`,
    paused
      ? "select pg_wal_replay_resume(), on the standby"
      : "its disk and CPU, and queries on it that hold the replay up (max_standby_streaming_delay)",
    "standby",
  );
}

export const walReceiver: Check = {
  id: "wal_receiver",
  title: "whether a standby still receives",
  why: "its readers see a past that does not end, and the primary keeps its log of writes until the disk is full",
  async look(examination) {
    const standby = await standbyOf(examination);
    return standby === undefined ? lostReceivers(examination) : [await receiverOf(standby, examination)];
  },
};

async function receiverOf(standby: pg.Client, examination: Examination): Promise<Found> {
  const { rows } = await standby.query<{ status: string | null; silent: number | null }>(
    `select status, extract(epoch from clock_timestamp() - last_msg_receipt_time)::float8 * 1000 as silent
       from pg_stat_wal_receiver`,
  );
  const [receiver] = rows;
  const change =
    "whether the primary answers, and its log; primary_conninfo. One that is fed by an archive has no receiver";
  if (receiver === undefined)
    return warn("the standby has no receiver: nothing comes from its primary", change, "standby");
  const { status, silent } = receiver;
  if (status === null) {
    // Who may not read statistics sees that there is one, and nothing else.
    const { message, change: grant } = examination.cannotSee("the receiver");
    throw new CannotLook(message, grant);
  }
  if (status !== "streaming")
    return warn(`the standby's receiver is ${status}, and does not stream`, change, "standby");
  if (silent !== null && silent > SILENT_MS)
    return warn(
      `the standby's receiver has heard nothing for ${Math.round(silent / 1_000)} s`,
      change,
      "standby",
    );
  return ok("the standby receives");
}

/** Of a primary: slots that keep the log of writes for somebody who is gone. */
async function lostReceivers(examination: Examination): Promise<readonly Found[]> {
  const rows = await examination.ask<{ name: string; kept: string; change: string }>(
    `select slot_name as name, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) as kept,
            format('select pg_drop_replication_slot(%L)', slot_name) as change
       from pg_replication_slots where not active and restart_lsn is not null order by restart_lsn`,
  );
  return rows.map(({ name, kept, change }) =>
    warn(
      `nobody receives from the slot ${name}, and the server keeps ${kept} of its log of writes for it`,
      `start what receives from it; or ${change}`,
      name,
    ),
  );
}

/** The standby that is looked at, if one is: the owner's URL may lead to the primary. */
async function standbyOf({ observer, app }: Examination): Promise<pg.Client | undefined> {
  for (const client of [observer, app]) {
    const { rows } = await client.query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
    if (rows[0]?.standby) return client;
  }
  return undefined;
}
