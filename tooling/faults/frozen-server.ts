import type { ServerContext } from "./context.ts";
import { freezeServer } from "./freeze.ts";
import { backendPid } from "./observe.ts";
import { distinct, outcomeKnown, settle } from "./settle.ts";
import { openAll, slotsLost, withSubject } from "./subject.ts";

const FROZEN_MS = 3_000;

export function frozenServer(context: ServerContext) {
  const options = { max: 2, queryTimeoutMs: 200, connectionTimeoutMillis: 10_000 };
  return withSubject(context, options, async ({ pool }) => {
    await openAll(pool, 2);
    const thaw = freezeServer(context.server);
    try {
      const asked = [1, 2].map(() => settle(pool.query("select 1"), FROZEN_MS));
      const statements = await Promise.all(asked);
      const waiting = [1, 2, 3].map(() => settle(backendPid(pool), 10_000));
      thaw();
      const served = (await Promise.all(waiting)).filter((each) => each.end === "done").length;
      return {
        statements: distinct(statements.map((each) => each.end)),
        tookMs: Math.max(...statements.map((each) => each.tookMs)),
        outcomeKnown: statements.some((each) => outcomeKnown(each.error)),
        servedAfterwards: `${served} of 3`,
        slotsLost: await slotsLost(pool),
      };
    } finally {
      thaw();
    }
  });
}
