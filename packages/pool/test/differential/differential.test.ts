import { createTestDatabase, type TestDatabase } from "@openhouse/pool-testing";
import fc from "fast-check";
import { test } from "vitest";
import { optionsFor } from "../support/options.ts";
import { program } from "./generate.ts";
import { compare, ourContestant, referenceContestant, type Side } from "./run.ts";
import { World } from "./world.ts";

/**
 * DIFFERENTIAL_RUNS: how many programs. DIFFERENTIAL_SEED: from which seed on. With DIFFERENTIAL_PATH, both as a failure has
 * printed them, to see it again.
 */
const { DIFFERENTIAL_RUNS = "30", DIFFERENTIAL_SEED = "1", DIFFERENTIAL_PATH } = process.env;
const SEED = Number(DIFFERENTIAL_SEED);
/** The seeds of two lanes side by side, as a program mostly waits for the server. */
const LANES = DIFFERENTIAL_PATH === undefined ? [SEED, SEED + 1] : [SEED];
const RUNS = Math.ceil(Number(DIFFERENTIAL_RUNS) / LANES.length);
/** The longest that a program may take on average on a machine that is busy, in milliseconds. */
const PROGRAM_MS = 250;
const LEAST_MS = 60_000;

test.concurrent.each(LANES)(
  `a program finds on this pool what it finds on a pg.Pool (${RUNS} programs, seed %i)`,
  { timeout: LEAST_MS + RUNS * PROGRAM_MS },
  async (seed) => {
    const [plain, ours] = await Promise.all([openSide(referenceContestant), openSide(ourContestant)]);
    let run = 0;
    try {
      await fc.assert(
        fc.asyncProperty(program, (program) => compare(program, plain, ours, String(++run))),
        {
          numRuns: RUNS,
          seed,
          ...(DIFFERENTIAL_PATH !== undefined && { path: DIFFERENTIAL_PATH }),
        },
      );
    } finally {
      await Promise.all([plain.close(), ours.close()]);
    }
  },
);

async function openSide(contestantOf: typeof ourContestant): Promise<Side & { close(): Promise<void> }> {
  const database: TestDatabase = await createTestDatabase();
  const options = optionsFor(database.url);
  const world = new World(options as never);
  await world.open();
  const contestant = contestantOf(options as never);
  return {
    contestant,
    world,
    async close() {
      await contestant.end();
      await world.end();
      await database.drop();
    },
  };
}
