import { sql } from "drizzle-orm";
import type { BenchContext } from "./context.ts";
import { observing } from "./observe.ts";
import { distinct, nameOf } from "./settle.ts";
import { type Subject, withProxy, withSubject } from "./subject.ts";

/** The connection is lost before the application's own error, and at COMMIT; and a statement's error is swallowed. */
export function lostInTransaction(context: BenchContext) {
  return observing(context, (observer) =>
    withProxy(context, (proxy, connectionString) =>
      withSubject(context, { connectionString, max: 2 }, async ({ db }) => {
        await observer.query("drop table if exists entries; create table entries (id int)");
        const failure = (work: Parameters<Subject["db"]["transaction"]>[0]) =>
          db.transaction(work).then(
            () => undefined,
            (error: unknown) => error,
          );
        const own = new Error("the application's own");
        const thrown = await failure(async (tx) => {
          await tx.execute(sql`insert into entries values (1)`);
          proxy.cut();
          throw own;
        });
        const lostCommit = await failure(async (tx) => {
          await tx.execute(sql`insert into entries values (2)`);
          proxy.cutAfter("commit");
        });
        const swallowed = await failure(async (tx) => {
          await tx.execute(sql`insert into entries values (3)`);
          await tx.execute(sql`select 1 / 0`).catch(() => {});
        });
        const { rows } = await observer.query<{ id: number }>("select id from entries order by id");
        return {
          applicationsError: thrown === own ? "thrown" : `masked by ${nameOf(thrown)}`,
          rollbacksErrorToo: "suppressed" in own,
          lostCommit: nameOf(lostCommit),
          swallowedFailure: nameOf(swallowed),
          kept: distinct(rows.map(({ id }) => String(id))),
        };
      }),
    ),
  );
}
