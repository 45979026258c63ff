import type { BenchContext } from "./context.ts";
import { openAll, withSubject } from "./subject.ts";

const MAX = 4;
const CALLERS = 2 * MAX;
const STATEMENTS = 400;

export function statementError(context: BenchContext) {
  return withSubject(context, { max: MAX }, async ({ pool }) => {
    await pool.query("drop table if exists taken; create table taken (id int primary key)");
    await pool.query("insert into taken values (1)");
    await openAll(pool, MAX);
    let [left, violations, newBackends] = [STATEMENTS, 0, 0];
    pool.on("connect", () => newBackends++);
    const violate = async () => {
      while (left-- > 0) {
        const error = await pool.query("insert into taken values ($1)", [1]).catch((caught) => caught);
        if (error.code === "23505") violations++;
      }
    };
    const startedAtMs = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, violate));
    const perSecond = Math.round((STATEMENTS / (performance.now() - startedAtMs)) * 1_000);
    return { violations, newBackends, perSecond };
  });
}
