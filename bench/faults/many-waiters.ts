import { PoolSaturatedError } from "@openhouse/pool";
import { type Kind, type Lab, seconds, withStack } from "./lab.ts";

export const fault = "40,000 waiters time out";
const WAITERS = 40_000;

export async function measure(kind: Kind, lab: Lab): Promise<string> {
  const { stallMs } = await crowd(kind, lab, WAITERS + 1);
  if (kind === "plain") return `loop stalls ${seconds(stallMs)}, no bound`;
  const bounded = await crowd(kind, lab, undefined);
  return `loop stalls ${seconds(stallMs)}; by default ${bounded.shed} shed at once`;
}

async function crowd(kind: Kind, lab: Lab, maxWaiting: number | undefined) {
  const extra = maxWaiting === undefined ? {} : { maxWaiting };
  const options = { max: 1, connectionTimeoutMillis: 2_000 };
  return withStack({ kind, lab, options, extra }, async ({ pool }) => {
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
    let stallMs = 0;
    let lastMs = performance.now();
    // From now on: making so many promises takes its time with either.
    const pulse = setInterval(() => {
      stallMs = Math.max(stallMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    await Promise.all(waiters);
    clearInterval(pulse);
    stallMs = Math.max(stallMs, performance.now() - lastMs);
    holder.release();
    return { stallMs, shed };
  });
}
