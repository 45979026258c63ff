import { sql } from "drizzle-orm";
import { type Kind, type Lab, seconds, settled, withProxy, withStack } from "./lab.ts";

export const fault = "half-open connection (deaf network, deadline 1 s)";
const LIMIT_MS = 5_000;

export function measure(kind: Kind, lab: Lab): Promise<string> {
  return withProxy(lab, (proxy, url) =>
    withStack({ kind, lab, url, options: { max: 2 }, extra: { queryTimeoutMs: 1_000 } }, async ({ db }) => {
      await db.execute(sql`select 1`);
      proxy.pause();
      const outcome = await settled(db.execute(sql`select 1`), LIMIT_MS);
      return outcome.how === "hangs"
        ? `hangs (> ${seconds(LIMIT_MS)})`
        : `told after ${seconds(outcome.tookMs)}`;
    }),
  );
}
