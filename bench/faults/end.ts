import { Pool } from "@openhouse/pool";
import { type Kind, type Lab, seconds, settled, withStack } from "./lab.ts";

export const fault = "end() with a client out and a waiter queued";
const LIMIT_MS = 2_000;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack({ kind, lab, options: { max: 1 } }, async ({ pool }) => {
    await pool.connect();
    const waiter = settled(pool.query("select 1"), LIMIT_MS);
    const ended = await settled(pool instanceof Pool ? pool.end({ timeoutMs: 300 }) : pool.end(), LIMIT_MS);
    const { how } = await waiter;
    const waiterTold = how === "hangs" ? "waiter hangs" : "waiter told";
    return ended.how === "hangs"
      ? `hangs, ${waiterTold}`
      : `ends after ${seconds(ended.tookMs)}, ${waiterTold}`;
  });
}
