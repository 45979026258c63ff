import { Pool } from "@openhouse/pool";
import { innermost, type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "a client is kept too long";

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = { max: 1, connectionTimeoutMillis: 500 };
  return withStack({ kind, lab, options, extra: { leakThresholdMs: 200 } }, async ({ pool }) => {
    let warnings = 0;
    if (pool instanceof Pool) pool.events.on("leak", () => warnings++);
    const forgotten = await pool.connect();
    const error = innermost(await pool.query("select 1").catch((caught: unknown) => caught));
    forgotten.release();
    const names = /row-22\.ts/.test(error.message) ? "names the holder" : "names nobody";
    return `${warnings} warnings; the starved waiter's error ${names}`;
  });
}
