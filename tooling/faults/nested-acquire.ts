import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import type { BenchContext } from "./context.ts";
import { distinct, settle } from "./settle.ts";
import { slotsLost, withSubject } from "./subject.ts";

const MAX = 4;

/** As many transactions as there are connections, and each wants one more. */
export function nestedAcquire(context: BenchContext) {
  return withSubject(context, { max: MAX, connectionTimeoutMillis: 5_000 }, async ({ pool, db }) => {
    let holders = 0;
    const nested = () =>
      db.transaction(async () => {
        holders++;
        await waitFor(() => holders === MAX, { what: "everybody to hold a connection" });
        await db.execute(sql`select 1`);
      });
    const ends = await Promise.all(Array.from({ length: MAX }, () => settle(nested(), 8_000)));
    const refused = ends.filter(({ error }) => error !== undefined);
    return {
      served: `${ends.filter(({ end }) => end === "done").length} of ${MAX}`,
      refused: distinct(refused.map(({ end }) => end)),
      toldAfterMs: Math.min(...ends.map(({ tookMs }) => tookMs)),
      slotsLost: await slotsLost(pool),
    };
  });
}
