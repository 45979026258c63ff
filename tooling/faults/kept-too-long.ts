import { Pool } from "@openhouse/pool";
import type pg from "pg";
import type { BenchContext } from "./context.ts";
import { innermost } from "./settle.ts";
import { withSubject } from "./subject.ts";

const OPTIONS = { max: 2, connectionTimeoutMillis: 1_500, leakThresholdMs: 100 };
/** The holders, the one who has held longest first, and where they took what they have. */
const BOTH =
  /held longest: \d+ ms at forgetToRelease \(.*kept-too-long\.ts:\d+.*, \d+ ms at .*kept-too-long\.ts:\d+/;

/** Two holders keep what they have until a third caller has waited in vain. */
export function keptTooLong(context: BenchContext) {
  return withSubject(context, OPTIONS, async ({ pool }) => {
    let [warnings, notes] = [0, 0];
    if (pool instanceof Pool) {
      pool.events.on("leak", () => warnings++);
      pool.events.on("leakReturned", () => notes++);
    }
    const holders = [await forgetToRelease(pool), await pool.connect()];
    const waited: unknown = await pool.query("select 1").catch((error) => error);
    for (const client of holders) client.release();
    return { warnings, notes, starvedCallerIsToldOfThem: BOTH.test(innermost(waited).message) };
  });
}

async function forgetToRelease(pool: pg.Pool) {
  return await pool.connect();
}
