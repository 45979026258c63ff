import { getEventListeners } from "node:events";
import type { BenchContext } from "./context.ts";
import { backendPid, observing, runningStatements } from "./observe.ts";
import { becomes, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

/** The caller gives up while the server is at work. */
export function abort(context: BenchContext) {
  return observing(context, (observer) =>
    withSubject(context, { max: 1 }, async ({ pool }) => {
      await observer.query("drop table if exists orders; create table orders (id int)");
      const pid = await backendPid(pool);
      const caller = new AbortController();
      const { signal } = caller;
      const statement = { text: "insert into orders select 1 from pg_sleep(1.5)", signal };
      const asked = settle(pool.query(statement), 5_000);
      await becomes(async () => (await runningStatements(observer)) === 1, 5_000);
      caller.abort();
      const { error, tookMs } = await asked;
      const stillRunning = await runningStatements(observer);
      const { rows } = await observer.query("select id from orders");
      return {
        told: error === signal.reason ? "the reason" : "nothing",
        tookMs,
        stillRunning,
        rowsKept: rows.length,
        listeners: getEventListeners(signal, "abort").length,
        sameBackend: (await backendPid(pool)) === pid,
      };
    }),
  );
}
