import type pg from "pg";
import type { BenchContext } from "./context.ts";
import { distinct, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

const LIMIT_MS = 2_000;

/** The pool ends while somebody runs a long statement, somebody never gives back, and others wait. */
export function end(context: BenchContext) {
  return withSubject(context, { max: 2 }, async (subject) => {
    const { pool } = subject;
    const clients: pg.PoolClient[] = [];
    pool.on("connect", (client) => clients.push(client));
    const busy = await pool.connect();
    const statement = settle(busy.query("select pg_sleep(60)"), LIMIT_MS);
    await pool.connect();
    const waiters = [1, 2, 3].map(() => settle(pool.query("select 1"), LIMIT_MS));
    const ended = await settle(subject.end(100), LIMIT_MS);
    const openSockets = clients.filter((client) => !client.connection.stream.destroyed).length;
    return {
      end: ended.end,
      tookMs: ended.tookMs,
      openSockets,
      waiters: distinct((await Promise.all(waiters)).map((each) => each.end)),
      statement: (await statement).end,
    };
  });
}
