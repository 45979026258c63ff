import type pg from "pg";
import type { BenchContext } from "./context.ts";
import { becomes } from "./settle.ts";
import { openAll, withSubject } from "./subject.ts";

const COUNT = 20;
const LIFETIME_S = 3;

/** Connections that were born together expire while they are idle. */
export function lifetimes(context: BenchContext) {
  const options = { max: COUNT, idleTimeoutMillis: 0, maxLifetimeSeconds: LIFETIME_S };
  return withSubject(context, options, async ({ pool }) => {
    const bornAtMs = new Map<pg.PoolClient, number>();
    const agesMs: number[] = [];
    pool.on("connect", (client) => bornAtMs.set(client, performance.now()));
    pool.on("remove", (client) => agesMs.push(performance.now() - (bornAtMs.get(client) ?? 0)));
    await openAll(pool, COUNT);
    await becomes(() => agesMs.length === COUNT, 10_000);
    const youngestMs = Math.min(...agesMs);
    return { expired: agesMs.length, youngestMs, agesSpreadMs: Math.max(...agesMs) - youngestMs };
  });
}
