import { waitFor } from "@openhouse/pool-testing";
import { sql } from "drizzle-orm";
import type { BenchContext } from "./context.ts";
import { freeze } from "./freeze.ts";
import { backendPid } from "./observe.ts";
import { distinct, outcomeKnown, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

const LIMIT_MS = 5_000;

/** Backends that are frozen are silent peers: no FIN, no RST, no answer, while new connections are served. */
export function halfOpen(context: BenchContext) {
  return withSubject(context, { max: 3, queryTimeoutMs: 200 }, async ({ pool, db }) => {
    const clients = await Promise.all([1, 2, 3].map(() => pool.connect()));
    const pids = await Promise.all(clients.map(backendPid));
    const [held, ...others] = clients;
    for (const client of others) client.release();
    await waitFor(() => pool.idleCount === 2, { what: "the others to be idle" });
    const thaw = freeze(pids);
    try {
      const asked = [pool.query("select 1"), held?.query("select 1"), db.execute(sql`select 1`)];
      const statements = await Promise.all(asked.map((each) => settle(Promise.resolve(each), LIMIT_MS)));
      held?.release();
      const next = await settle(backendPid(pool), LIMIT_MS);
      return {
        statements: distinct(statements.map((each) => each.end)),
        tookMs: Math.max(...statements.map((each) => each.tookMs)),
        outcomeKnown: statements.some((each) => outcomeKnown(each.error)),
        served: next.value !== undefined && !pids.includes(next.value),
      };
    } finally {
      thaw();
    }
  });
}
