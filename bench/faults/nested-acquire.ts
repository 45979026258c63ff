import { sql } from "drizzle-orm";
import { innermost, type Kind, type Lab, seconds, settled, withStack } from "./lab.ts";

export const fault = "db inside db.transaction on a full pool";

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withStack({ kind, lab, options: { max: 2, connectionTimeoutMillis: 2_000 } }, async ({ db }) => {
    let inside = 0;
    const nested = () =>
      db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        inside++;
        while (inside < 2) await new Promise((resolve) => setTimeout(resolve, 1));
        await db.execute(sql`select 1`);
      });
    const outcomes = await Promise.all([settled(nested(), 4_000), settled(nested(), 4_000)]);
    const first = outcomes.toSorted((one, other) => one.tookMs - other.tookMs)[0];
    if (first?.how !== "failed") return `${outcomes.filter(({ how }) => how === "hangs").length} of 2 hang`;
    const served = outcomes.filter(({ how }) => how === "done").length;
    return `${innermost(first.error).constructor.name} after ${seconds(first.tookMs)}, ${served} of 2 served`;
  });
}
