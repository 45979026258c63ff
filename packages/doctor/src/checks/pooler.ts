import pg from "pg";
import type { Check } from "../check.ts";
import { backendTold, type Examination } from "../examination.ts";
import { type Found, note, ok, warn, wrong } from "../finding.ts";

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

/** The backend that answers is another one than the connection was told of. */
export async function isBehindPooler(client: pg.Client): Promise<boolean> {
  return (await backendOf(client)) !== backendTold(client);
}

/** What was seen of a pooler. */
export interface SeenPooler {
  /** A connection's backend changed, or served another connection meanwhile. */
  readonly sharesByTransaction: boolean;
  /** Whether a statement's name was known wherever it came to; null where that could not be seen. */
  readonly namesSurvive: boolean | null;
  /** It shares connections by statement. */
  readonly refusesTransactions?: boolean;
}

export function judgePooler(
  { sharesByTransaction, namesSurvive, refusesTransactions }: SeenPooler,
  prepare: string,
): readonly Found[] {
  if (refusesTransactions)
    return [wrong("a pooler in statement mode, which refuses transactions", "pool_mode = transaction")];
  if (!sharesByTransaction)
    return [
      note(
        "a pooler in session mode: each of its clients keeps a connection of the server",
        "DB_POOLER=session, without which it counts as one that shares them",
      ),
    ];
  const mode = "a pooler that shares connections by transaction";
  const lost = "DB_PREPARE=off or auto; or max_prepared_statements=200 in PgBouncer 1.21 or later";
  if (namesSurvive === false && prepare === "on")
    return [wrong(`${mode} and forgets named statements, which the pool uses`, lost)];
  if (namesSurvive === null && prepare === "on")
    return [warn(`${mode}; whether names survive could not be seen`, lost)];
  const names = namesSurvive
    ? `keeps named statements${prepare === "on" ? "" : ", which are off"}`
    : "forgets named statements, which are off";
  return [
    note(
      `${mode} and ${names}`,
      `no session state: LISTEN, session advisory locks and SET go to DATABASE_URL_DIRECT; TENANT_TOKEN_BINDING=none${namesSurvive && prepare !== "on" ? "; DB_PREPARE=on uses the names" : ""}`,
    ),
  ];
}

export const pooler: Check = {
  id: "pooler",
  title: "a pooler in between, its mode, and whether names survive",
  why: "behind one that shares connections, what a session was told is another's, and statements fail with 26000 and 42P05",
  async look(examination) {
    if (!(await isBehindPooler(examination.app))) return [ok("none: the server itself answers")];
    return judgePooler(await observe(examination), examination.settings.options.prepare ?? "auto");
  },
};

const STATEMENT = { name: "openhouse_doctor", text: "select pg_backend_pid() as pid" };
const ANSWER_TIMEOUT_MS = 3_000;

/** A plain `pg.Client`: the pool's own would mend what is to be seen. */
async function observe(examination: Examination): Promise<SeenPooler> {
  const [first, second] = await Promise.all([examination.connect(), examination.connect()]);
  try {
    const { rows } = await first.query<{ pid: number }>(STATEMENT);
    const before = rows[0]?.pid;
    // Whoever has a transaction open keeps its backend: the first has to be served by another one, if they are shared.
    if (!(await begins(second)))
      return { sharesByTransaction: true, namesSurvive: null, refusesTransactions: true };
    const taken = await backendOf(second);
    const after = await answerOf(first);
    const sharesByTransaction = taken === before || (typeof after === "number" && after !== before);
    const namesSurvive =
      after === "unknown_name" ? false : after === "silent" || !sharesByTransaction ? null : true;
    return { sharesByTransaction: sharesByTransaction || after === "unknown_name", namesSurvive };
  } finally {
    await Promise.all([first, second].map((client) => client.end().catch(() => {})));
  }
}

async function begins(client: pg.Client): Promise<boolean> {
  try {
    await client.query("begin");
    return true;
  } catch (error) {
    // In PgBouncer's own words, with which it closes the connection.
    if (error instanceof pg.DatabaseError && error.code === "08P01") return false;
    throw error;
  }
}

async function answerOf(client: pg.Client): Promise<number | "unknown_name" | "silent"> {
  try {
    const statement = { ...STATEMENT, query_timeout: ANSWER_TIMEOUT_MS };
    const { rows } = await client.query<{ pid: number }>(statement);
    return rows[0]?.pid ?? 0;
  } catch (error) {
    // 26000: no such statement.
    return error instanceof pg.DatabaseError && error.code === "26000" ? "unknown_name" : "silent";
  }
}
