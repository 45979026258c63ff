import { expect, test } from "vitest";
import { live } from "./life.ts";
import { planOf } from "./plan.ts";
import { tally } from "./tally.ts";
import { explain } from "./trace.ts";

/** How many lives, and from which seed on: one of a failure shows it again. `npm run test:simulation` is for more. */
const { SIMULATION_RUNS = "60", SIMULATION_SEED = "1" } = process.env;
/** The longest that a life may take on average on a machine that is busy, in milliseconds. */
const LIFE_MS = 400;

test(`whatever befalls it, a pool keeps its rules (${SIMULATION_RUNS} lives from SIMULATION_SEED=${SIMULATION_SEED})`, {
  timeout: Number(SIMULATION_RUNS) * LIFE_MS + 60_000,
}, async () => {
  const { finds, operations, lives } = await tally(Number(SIMULATION_SEED), Number(SIMULATION_RUNS));
  const [find] = finds;
  if (find !== undefined) throw new Error(await explain(find.seed, find.rule));
  expect(operations).toBeGreaterThanOrEqual(50 * lives);
});

test("the same seed gives the same life, step by step", async () => {
  for (const seed of [1, 2, 3]) {
    const first = await live(planOf(seed), { isTraced: true });
    const second = await live(planOf(seed), { isTraced: true });
    expect(second.trace).toEqual(first.trace);
    expect(first.trace.length).toBeGreaterThan(50);
  }
});

test("every life has at least four callers and fifty operations", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { callers } = planOf(seed);
    expect(callers.length).toBeGreaterThanOrEqual(4);
    expect(callers.flat().length).toBeGreaterThanOrEqual(50);
  }
});

test.each([100_271, 102_482, 102_739, 200_042, 200_726, 201_782, 201_832, 203_466, 308_232, 310_784])(
  "a life in which a rule was broken once (seed %i)",
  async (seed) => {
    const { finds } = await tally(seed, 1);
    expect(finds).toEqual([]);
  },
);
