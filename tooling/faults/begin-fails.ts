import { sql } from "drizzle-orm";
import type { BenchContext } from "./context.ts";
import { slotsLost, withProxy, withSubject } from "./subject.ts";

const MAX = 5;

export function beginFails(context: BenchContext) {
  return withProxy(context, (proxy, connectionString) =>
    withSubject(
      context,
      { connectionString, max: MAX, connectionTimeoutMillis: 3_000 },
      async ({ pool, db }) => {
        let failed = 0;
        for (let turn = 0; turn < MAX; turn++) {
          proxy.cutBefore("begin");
          await db.transaction((tx) => tx.execute(sql`select 1`)).catch(() => failed++);
        }
        const all = Array.from({ length: MAX }, () =>
          db.transaction((tx) => tx.execute(sql`select pg_sleep(0.02)`)),
        );
        const served = (await Promise.allSettled(all)).filter(({ status }) => status === "fulfilled").length;
        return { failed, servedAfterwards: served, slotsLost: await slotsLost(pool) };
      },
    ),
  );
}
