import type pg from "pg";
import type { BlockedPair, ServerActivity, ServerSession } from "./last-activity.ts";

/** How long each of three parts may take on the server, in milliseconds: a probe that becomes due waits behind them. */
const PART_MS = 150;
const SHOWN = 8;
const LONG_TRANSACTION_S = 1;

/** Of a session by the name `of` in a query. */
const session = (of: string) => `json_build_object(
  'pid', coalesce(${of}.pid, 0), 'applicationName', coalesce(${of}.application_name, ''), 'role', ${of}.usename,
  'state', ${of}.state, 'transactionMs', ${ageMs(`${of}.xact_start`)})`;

function ageMs(since: string): string {
  return `(1000 * extract(epoch from clock_timestamp() - ${since}))::float8`;
}

/** A role that is no member of pg_monitor sees who waits for whom, and of others' sessions no times and no state. */
const PAIRS = `select ${session("blocked")} as blocked, ${session("blocker")} as blocker,
    coalesce(waiting.relation::regclass::text, waiting.locktype) as lock, ${ageMs("blocked.query_start")} as "waitsMs",
    (count(*) over ())::int as all, (count(*) filter (where way.nth = 1) over ())::int as "allBlocked"
  from (select distinct on (pid) pid, locktype, relation from pg_locks where not granted order by pid) waiting
    join pg_stat_activity blocked on blocked.pid = waiting.pid and blocked.datname = current_database()
    cross join lateral (
      select pid, row_number() over () as nth from unnest(pg_blocking_pids(waiting.pid)) as pid group by pid) way
    left join pg_stat_activity blocker on blocker.pid = way.pid
  order by blocked.query_start nulls last, blocked.pid limit ${SHOWN}`;

const TRANSACTIONS = `select ${session("long")} as session, (count(*) over ())::int as all
  from pg_stat_activity long
  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and xact_start < clock_timestamp() - interval '${LONG_TRANSACTION_S} s'
  order by xact_start limit ${SHOWN}`;

const HIDDEN = `select (count(*) filter (where query = '<insufficient privilege>'))::int as hidden, current_user as ours
  from pg_stat_activity where datname = current_database() and usesysid is not null`;

/** In one flight, which is one transaction: an error ends it. */
const TEXT = [`select set_config('statement_timeout', '${PART_MS}', true)`, PAIRS, TRANSACTIONS, HIDDEN].join(
  "; ",
);

type Results = readonly [
  unknown,
  pg.QueryResult<BlockedPair & { all: number; allBlocked: number }>,
  pg.QueryResult<{ session: ServerSession; all: number }>,
  pg.QueryResult<{ hidden: number; ours: string }>,
];

/**
 * Reads what goes on in the server, which ends it after half a second. A server that is silent is for the next probe to find,
 * which cuts the connection: a deadline here would do so under a probe that is to say why.
 *
 * @throws the server's error, 57014, where it took longer.
 */
export async function readActivity(client: pg.Client): Promise<ServerActivity> {
  const unlimited = { text: TEXT, query_timeout: 0 };
  const results: unknown = await client.query(unlimited);
  const [, pairs, transactions, hidden] = results as Results; // as pg's of several statements in one text
  return {
    atMs: Date.now(),
    pairs: pairs.rows.map(({ blocked, blocker, lock, waitsMs }) => ({ blocked, blocker, lock, waitsMs })),
    pairsCount: pairs.rows[0]?.all ?? 0,
    blockedCount: pairs.rows[0]?.allBlocked ?? 0,
    transactions: transactions.rows.map((row) => row.session),
    transactionsCount: transactions.rows[0]?.all ?? 0,
    hiddenCount: hidden.rows[0]?.hidden ?? 0,
    ourRole: hidden.rows[0]?.ours ?? "",
  };
}
