import type { Check } from "../check.ts";
import type { Examination } from "../examination.ts";
import { note, ok, warn } from "../finding.ts";

/** As the portals' own sessions have it, in the setting's unit; undefined where the server has no such setting. */
async function settingOf({ app }: Examination, name: string): Promise<number | undefined> {
  const { rows } = await app.query<{ setting: string }>("select setting from pg_settings where name = $1", [
    name,
  ]);
  return rows[0] && Number(rows[0].setting);
}

export const statementTimeout: Check = {
  id: "statement_timeout",
  title: "the server's bound for a statement",
  why: "a statement of a process that is gone runs on, with its locks; the pool's own deadline is gone with the process",
  async look(examination) {
    const { queryTimeoutMs } = examination.settings.options;
    const set = await settingOf(examination, "statement_timeout");
    if (!set) return [warn("there is none", examination.alterRole("statement_timeout = '5min'"))];
    if (queryTimeoutMs !== undefined && set <= queryTimeoutMs) {
      return [
        note(
          `${set} ms, not above DB_QUERY_TIMEOUT_MS=${queryTimeoutMs}, which has no effect then`,
          examination.alterRole(`statement_timeout = '${Math.ceil(queryTimeoutMs * 1.2)}ms'`),
        ),
      ];
    }
    return [ok(`${set} ms`)];
  },
};

export const idleInTransactionTimeout: Check = {
  id: "idle_in_transaction_timeout",
  title: "the server's bound for a transaction that idles",
  why: "it keeps its locks, and vacuum from all tables, until somebody ends it by hand",
  async look(examination) {
    const set = await settingOf(examination, "idle_in_transaction_session_timeout");
    if (set) return [ok(`${set} ms`)];
    return [warn("there is none", examination.alterRole("idle_in_transaction_session_timeout = '1min'"))];
  },
};

export const lockTimeout: Check = {
  id: "lock_timeout",
  title: "the server's bound for waiting for a lock",
  why: "a migration that waits for one lets everybody wait behind it",
  async look(examination) {
    const set = (await settingOf(examination, "lock_timeout")) ?? 0;
    const statement = (await settingOf(examination, "statement_timeout")) ?? 0;
    if (set === 0) return [ok("none of its own: what bounds a statement bounds its locks")];
    if (statement === 0 || set < statement) return [ok(`${set} ms`)];
    return [
      note(
        `${set} ms, not below statement_timeout (${statement} ms), and so without effect`,
        examination.alterRole("lock_timeout = '3s'"),
      ),
    ];
  },
};

export const connectionCheck: Check = {
  id: "connection_check",
  title: "whether the server notices a client that is gone",
  why: "a statement whose caller has died runs to its end, and a crash of a portal leaves the server busy",
  async look(examination) {
    const set = await settingOf(examination, "client_connection_check_interval");
    if (set === undefined) return [ok("the server is older than the setting")];
    if (set > 0) return [ok(`every ${set} ms`)];
    return [warn("it does not", examination.alterRole("client_connection_check_interval = '10s'"))];
  },
};

const KEEPALIVE_LONG_S = 900;

export const keepalive: Check = {
  id: "keepalive",
  title: "the server's keepalive",
  why: "a connection whose other end vanished without a word counts against max_connections until it is noticed",
  async look(examination) {
    const idle = await settingOf(examination, "tcp_keepalives_idle");
    if (!idle) return [ok("the connection is a Unix socket")];
    if (idle <= KEEPALIVE_LONG_S) return [ok(`after ${idle} s`)];
    return [note(`after ${idle} s only`, "alter system set tcp_keepalives_idle = '60s'; reload")];
  },
};
