import { Pool } from "@openhouse/pool";
import type { BenchContext } from "./context.ts";
import { observing } from "./observe.ts";
import { distinct, settle } from "./settle.ts";
import { openAll, withSubject } from "./subject.ts";

const LIMIT = 2;
const CALLERS = 30;

/** The server grants the pool's role 2 connections, and the pool wants 10. */
export async function tooManyConnections(context: BenchContext) {
  await observing(context, async (observer) => {
    await observer.query("drop role if exists limited");
    await observer.query(`create role limited login connection limit ${LIMIT} password 'limited'`);
  });
  const url = new URL(context.url);
  url.username = "limited";
  url.password = "limited";
  const options = { connectionString: url.href, max: 10 };
  const outcome = await withSubject(context, options, async ({ pool }) => {
    await openAll(pool, LIMIT);
    const refusals: string[] = [];
    if (pool instanceof Pool)
      pool.events.on("connectFailed", ({ sqlstate }) => refusals.push(sqlstate ?? "none"));
    const calls = Array.from({ length: CALLERS }, () => settle(pool.query("select pg_sleep(0.02)"), 10_000));
    const ends = (await Promise.all(calls)).map((each) => each.end);
    return {
      served: `${ends.filter((each) => each === "done").length} of ${CALLERS}`,
      refusals: distinct(refusals),
    };
  });
  await observing(context, (observer) => observer.query("drop role limited"));
  return outcome;
}
