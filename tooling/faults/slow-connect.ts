import { waitFor } from "@openhouse/pool-testing";
import type { ServerContext } from "./context.ts";
import { freeze } from "./freeze.ts";
import { backendPid } from "./observe.ts";
import { settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

const CALLERS = 20;

/** A new connection is taken by the kernel and never greeted, while the two that are there go on. */
export function slowConnect(context: ServerContext) {
  return withSubject(context, { max: CALLERS, connectionTimeoutMillis: 2_000 }, async ({ pool }) => {
    const warm = await Promise.all([pool.connect(), pool.connect()]);
    const pids = await Promise.all(warm.map(backendPid));
    const thaw = freeze([context.server.pid]);
    try {
      const calls = Array.from({ length: CALLERS }, () => settle(backendPid(pool), 5_000));
      await waitFor(() => pool.totalCount === CALLERS, { what: "the pool to grow" });
      for (const client of warm) client.release();
      const ends = await Promise.all(calls);
      return {
        served: `${ends.filter(({ value }) => value !== undefined && pids.includes(value)).length} of ${CALLERS}`,
        longestWaitMs: Math.max(...ends.map(({ tookMs }) => tookMs)),
      };
    } finally {
      thaw();
    }
  });
}
