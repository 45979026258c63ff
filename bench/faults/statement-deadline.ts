import { sql } from "drizzle-orm";
import { type Kind, type Lab, observing, runningStatements, withStack } from "./lab.ts";

export const fault = "10 INSERTs exceed their deadline (200 ms, max 2)";
const INSERTS = 10;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = kind === "plain" ? { query_timeout: 200 } : {};
  const request = { kind, lab, options: { max: 2, ...options }, extra: { queryTimeoutMs: 200 } };
  return observing(lab, (observer) =>
    withStack(request, async ({ db }) => {
      await observer.query("drop table if exists row_13; create table row_13 (id int)");
      const slow = sql`insert into row_13 select 1 from pg_sleep(1.5)`;
      const running: number[] = [];
      for (let turn = 0; turn < INSERTS / 2; turn++) {
        await Promise.allSettled([db.execute(slow), db.execute(slow)]);
        running.push(await runningStatements(observer));
      }
      await new Promise((resolve) => setTimeout(resolve, 1_700)); // whatever still runs is done by then
      const { rows } = await observer.query("select count(*)::int as n from row_13");
      return `${rows[0].n} of ${INSERTS} kept after the error, ${Math.max(...running)} still running`;
    }),
  );
}
