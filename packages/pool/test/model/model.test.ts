import { startFaultProxy } from "@openhouse/pool-testing";
import fc from "fast-check";
import { test } from "vitest";
import { Client } from "../../src/query/client.ts";
import { useDatabase } from "../support/pools.ts";
import type { Fixtures } from "./fixtures.ts";
import { PoolModel } from "./pool-model.ts";
import { type ModelOptions, modelOptions, type Step, steps } from "./steps.ts";
import { followTimers } from "./timers.ts";

/**
 * MODEL_RUNS: how many. MODEL_SEED and MODEL_PATH: as a failure has printed them, to see it again. What happens when is
 * also up to the machine, so it may take a few attempts.
 */
const { MODEL_RUNS = "100", MODEL_SEED, MODEL_PATH } = process.env;
/** Side by side, as a run mostly waits for the server. */
const LANES = MODEL_SEED === undefined ? ["a", "b", "c", "d"] : ["a"];
const RUNS = Math.ceil(Number(MODEL_RUNS) / LANES.length);
/** The longest that a run may take on average on a machine that is busy, and all of them at least, in milliseconds. */
const RUN_MS = 1_000;
const LEAST_MS = 60_000;
/** How long looking for a smaller counterexample may take to come to an end, in milliseconds. */
const GRACE_MS = 20_000;

const database = useDatabase();
let runs = 0;

async function run(
  modelOptions: ModelOptions,
  steps: readonly Step[],
  fixtures: Omit<Fixtures, "name" | "timers">,
): Promise<void> {
  const violations = await followTimers(async (timers) => {
    const model = new PoolModel(modelOptions, { ...fixtures, timers, name: `model ${++runs}` });
    const history: string[] = [];
    for (const step of steps) {
      await model.take(step);
      model.check();
      history.push(`${JSON.stringify(step)} ${JSON.stringify(model.pool.getStats())}`);
      if (model.violations.length > 0) break;
    }
    await model.settle();
    return model.violations.length > 0 ? [...model.violations, "after", ...history] : [];
  });
  if (violations.length > 0) throw new Error(violations.join("\n  "));
}

const timeLimitMs = Math.max(LEAST_MS, RUNS * RUN_MS);

test.concurrent.each(LANES)(
  `whatever happens, in whatever order, a pool stays within its rules (${RUNS} runs, %s)`,
  { timeout: timeLimitMs + GRACE_MS },
  async () => {
    const options = database.options();
    const { host = "", port = 0 } = options;
    const proxy = await startFaultProxy({ host, port });
    // Its own, because what the database's helper opens is ended after each test, and these run side by side.
    const observer = new Client(options);
    await observer.connect();
    try {
      const property = fc.asyncProperty(modelOptions, steps, (modelOptions, steps) =>
        run(modelOptions, steps, { options, proxy, observer }),
      );
      await fc.assert(property, {
        numRuns: RUNS,
        interruptAfterTimeLimit: timeLimitMs,
        markInterruptAsFailure: true,
        ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
        ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
      });
    } finally {
      await observer.end();
      await proxy.close();
    }
  },
);
