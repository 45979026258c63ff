import type { BenchContext } from "./context.ts";
import { mostRunningDuring, observing, runningStatements } from "./observe.ts";
import { becomes, distinct, outcomeKnown, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

const INSERTS = 30;
const DEADLINE_MS = 100;

export function statementDeadline(context: BenchContext) {
  const ownName = context.kind === "plain" ? { query_timeout: DEADLINE_MS } : { queryTimeoutMs: DEADLINE_MS };
  const options = { max: 2, maxWaiting: INSERTS, connectionTimeoutMillis: 20_000, ...ownName };
  return observing(context, (observer) =>
    withSubject(context, options, async ({ pool }) => {
      await observer.query("drop table if exists bookings; create table bookings (id int)");
      const insert = "insert into bookings select 1 from pg_sleep(1.5)";
      const all = Promise.all(Array.from({ length: INSERTS }, () => settle(pool.query(insert), 20_000)));
      const mostRunning = await mostRunningDuring(observer, all);
      const running = await runningStatements(observer);
      await becomes(async () => (await runningStatements(observer)) === 0, 5_000);
      const { rows } = await observer.query("select count(*)::int as n from bookings");
      return {
        told: distinct((await all).map((each) => each.end)),
        outcomeKnown: (await all).every((each) => outcomeKnown(each.error)),
        mostRunning,
        stillRunning: running,
        keptAfterTheError: `${rows[0].n} of ${INSERTS}`,
      };
    }),
  );
}
