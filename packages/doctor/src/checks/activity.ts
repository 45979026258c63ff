import type { Check } from "../check.ts";
import { type Found, skip, warn } from "../finding.ts";

export const longTransactions: Check = {
  id: "long_transactions",
  title: "transactions that have been open for long",
  why: "they keep their locks, and vacuum from what was deleted since, in all tables",
  async look(examination) {
    const afterMs = examination.options.longTransactionMs ?? 60_000;
    const rows = await examination.ask<{ pid: number; name: string; state: string; seconds: number }>(
      `select pid, concat_ws(' of ', nullif(application_name, ''), usename) as name, state,
              extract(epoch from clock_timestamp() - xact_start)::float8 as seconds
         from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
          and xact_start < clock_timestamp() - make_interval(secs => $1::float8 / 1000)
        order by xact_start`,
      [afterMs],
    );
    const found: Found[] = rows.map(({ pid, name, state, seconds }) =>
      warn(
        `pid ${pid}, ${name}, for ${Math.round(seconds)} s, ${state}`,
        `select pg_terminate_backend(${pid}); ${examination.alterRole("idle_in_transaction_session_timeout = '1min'")}`,
      ),
    );
    // What it sees of its own role is told all the same.
    if (!(await examination.seesAll())) {
      const { message, change } = examination.cannotSee("the transactions");
      found.push(skip(message, change));
    }
    return found;
  },
};

export const blockers: Check = {
  id: "blockers",
  title: "sessions that others wait for",
  why: "the waiting fill the pool, one page after the other",
  async look(examination) {
    const before = await waiting(examination);
    if (before.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, examination.options.blockedMs ?? 1_000));
    const still = new Set(before.map(({ pid, blocker }) => `${pid} ${blocker}`));
    const after = (await waiting(examination)).filter(({ pid, blocker }) => still.has(`${pid} ${blocker}`));
    return [...new Set(after.map(({ blocker }) => blocker))].map((blocker) => {
      const blocked = after.filter((each) => each.blocker === blocker).map(({ pid }) => `pid ${pid}`);
      return warn(
        `pid ${blocker} keeps ${blocked.join(", ")} waiting`,
        `select pg_terminate_backend(${blocker})`,
      );
    });
  },
};

function waiting(examination: Parameters<Check["look"]>[0]) {
  return examination.ask<{ pid: number; blocker: number }>(
    `select pid, blocker from pg_stat_activity, unnest(pg_blocking_pids(pid)) as blocker
      where datname = current_database() and pid <> pg_backend_pid() order by blocker, pid`,
  );
}
