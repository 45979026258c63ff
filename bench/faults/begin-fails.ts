import { type Kind, type Lab, withStack } from "./lab.ts";

export const fault = "BEGIN fails (5 times, max 5)";
const MAX = 5;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  const options = { max: MAX, connectionTimeoutMillis: 500 };
  return withStack({ kind, lab, options }, async ({ pool, db }) => {
    const unheardOf = { isolationLevel: "chaos" as "serializable" };
    for (let turn = 0; turn < MAX; turn++) await db.transaction(async () => {}, unheardOf).catch(() => {});
    const lost = pool.totalCount - pool.idleCount;
    const served = await pool.query("select 1").then(
      () => "serves",
      () => "dead for ever",
    );
    return `${lost} of ${MAX} slots lost, ${served}`;
  });
}
