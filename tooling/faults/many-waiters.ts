import { monitorEventLoopDelay } from "node:perf_hooks";
import type { PoolOptions } from "@openhouse/pool";
import { PoolSaturatedError } from "@openhouse/pool";
import type { BenchContext } from "./context.ts";
import { withSubject } from "./subject.ts";

const WAITERS = 40_000;

export async function manyWaiters(context: BenchContext) {
  const { loopStallsMs } = await crowd(context, { maxWaiting: WAITERS });
  const { shed } = await crowd(context, {});
  return { loopStallsMs, shedByDefault: shed };
}

async function crowd(context: BenchContext, options: PoolOptions) {
  const deadline = { max: 1, connectionTimeoutMillis: 2_000 };
  return withSubject(context, { ...deadline, ...options }, async ({ pool }) => {
    const holder = await pool.connect();
    let shed = 0;
    const waiters = Array.from({ length: WAITERS }, () =>
      pool.connect().then(
        (client) => client.release(),
        (error: unknown) => {
          if (error instanceof PoolSaturatedError) shed++;
        },
      ),
    );
    // From now on: making so many promises takes its time with either.
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    await Promise.all(waiters);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the last stall is noted when it is over
    delay.disable();
    holder.release();
    return { loopStallsMs: delay.max / 1e6, shed };
  });
}
