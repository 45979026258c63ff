import { sql } from "drizzle-orm";
import { type Kind, type Lab, type Stack, seconds, withStack } from "./lab.ts";

export const fault = "server restarts under load";
const MAX = 6;
const CALLERS = 12;

export interface Recovery {
  readonly failures: number;
  readonly slotsLost: number;
  /** From the moment the server took connections again. */
  readonly firstSuccessMs: number;
}

export async function measure(kind: Kind, lab: Lab): Promise<string> {
  const { failures, slotsLost, firstSuccessMs } = await recover(kind, lab);
  return `${failures} failures, ${slotsLost} slots lost, serves after ${seconds(firstSuccessMs)}`;
}

export function recover(kind: Kind, lab: Lab): Promise<Recovery> {
  const options = { max: MAX, connectionTimeoutMillis: 10_000 };
  return withStack({ kind, lab, options }, async (stack) => {
    const load = startLoad(stack);
    await load.until(() => load.successes > 100);
    await lab.server.restart("immediate");
    const restartedAtMs = performance.now();
    const before = load.successes;
    await load.until(() => load.successes > before);
    const firstSuccessMs = performance.now() - restartedAtMs;
    await load.until(() => load.successes > before + 100);
    await load.stop();
    await new Promise((resolve) => setTimeout(resolve, 200)); // what was released is being dealt with
    const { totalCount, idleCount } = stack.pool;
    return { failures: load.failures, slotsLost: totalCount - idleCount, firstSuccessMs };
  });
}

/** Statements and transactions in turns; a caller that fails takes a breath, as a request that is answered with 503 does. */
function startLoad({ db }: Stack) {
  const LIMIT_MS = 15_000;
  let [successes, failures, stopped] = [0, 0, false];
  const call = (turn: number) =>
    turn % 2 === 0
      ? db.execute(sql`select 1`)
      : db.transaction(async (tx) => {
          await tx.execute(sql`select 1`);
        });
  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    for (let turn = index; !stopped; turn++) {
      await call(turn).then(
        () => successes++,
        () => failures++,
      );
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  return {
    get successes() {
      return successes;
    },
    get failures() {
      return failures;
    },
    /** Gives up in the end: a pool whose slots are all lost serves nobody. */
    async until(condition: () => boolean) {
      const deadline = performance.now() + LIMIT_MS;
      while (!condition() && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 2));
    },
    async stop() {
      stopped = true;
      await Promise.race([Promise.all(callers), new Promise((resolve) => setTimeout(resolve, 2_000))]);
    },
  };
}
