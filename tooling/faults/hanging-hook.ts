import type pg from "pg";
import type { BenchContext } from "./context.ts";
import { backends, observing } from "./observe.ts";
import { becomes, settle } from "./settle.ts";
import { withSubject } from "./subject.ts";

export const DEADLINE_MS = 1_000;
const LIMIT_MS = 3_000;

/** A hook that hangs until told otherwise. */
export function hanging() {
  const state = { hangs: true, calls: 0 };
  const never = new Promise<void>(() => {});
  return {
    state,
    onConnect: async (client: pg.ClientBase) => {
      state.calls++;
      if (state.hangs) await never;
      await client.query("set application_name = 'prepared by the hook'");
    },
    verify: (_client: pg.ClientBase, done: (error?: Error) => void) => {
      state.calls++;
      if (!state.hangs) done();
    },
  };
}

export function hangingHook(context: BenchContext, kind: "onConnect" | "verify") {
  const { state, [kind]: hook } = hanging();
  const options = { max: 1, connectionTimeoutMillis: DEADLINE_MS, [kind]: hook };
  return observing(context, (observer) =>
    withSubject(context, options, async ({ pool }) => {
      const { end, tookMs } = await settle(pool.connect(), LIMIT_MS);
      const slotFreed = await becomes(() => pool.totalCount === 0, 2_000);
      const backendGone = await becomes(async () => (await backends(observer)) === 0, 2_000);
      state.hangs = false;
      const next = await settle(pool.query("select 1"), LIMIT_MS);
      return { caller: end, tookMs, slotFreed, backendGone, next: next.end };
    }),
  );
}
