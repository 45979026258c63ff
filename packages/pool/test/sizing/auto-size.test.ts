import { expect, test } from "vitest";
import { type AutoSizeState, autoSize } from "../../src/sizing/auto-size.ts";
import { type Load, serve } from "./processor-sharing.ts";

/** One of four on a server of 97: a share of 18. Callers wait, and the server is as quick as it ever was. */
const BUSY: AutoSizeState = {
  max: 8,
  min: 2,
  open: 8,
  instances: 4,
  limit: 97,
  beside: 1,
  wasRefused: false,
  waitMs: 5,
  runMs: 10,
  leastRunMs: 10,
  grownFrom: undefined,
  isStarting: false,
};

test.each<[string, Partial<AutoSizeState>, number, string]>([
  ["callers wait", {}, 9, "waiting"],
  ["callers wait in vain", { waitMs: Number.POSITIVE_INFINITY }, 9, "waiting"],
  ["callers wait, and statements are too few to tell how quick they are", { runMs: undefined }, 9, "waiting"],
  ["callers wait, and nothing has shown yet what is enough", { isStarting: true }, 16, "waiting"],
  ["a server that is a quarter slower", { runMs: 12.5 }, 9, "waiting"],
  ["a server that is more than that slower", { runMs: 12.6 }, 8, "enough"],
  ["a server that is slower for the last step", { runMs: 12.6, grownFrom: 7 }, 7, "enough"],
  ["a server that is not slower for it", { runMs: 12.5, grownFrom: 7 }, 9, "waiting"],
  ["nobody waits", { waitMs: 0 }, 8, "enough"],
  ["nobody waits longer than a turn of the loop", { waitMs: 1 }, 8, "enough"],
  ["there is all that an instance may have", { max: 18 }, 18, "share"],
  ["doubled it would be more than that", { max: 10, isStarting: true }, 18, "share"],
  ["a deploy: twice the instances", { max: 18, instances: 8 }, 8, "share"],
  ["the limit was lowered", { max: 18, limit: 40 }, 7, "share"],
  ["the last that is left is above the minimum", { max: 18, instances: 97 }, 3, "share"],
  ["nobody is counted", { max: 100, instances: 0 }, 76, "share"],
  ["the server refuses a connection", { max: 16, open: 16, wasRefused: true }, 8, "refused"],
  ["it refuses one, and fewer are open than may be", { max: 16, open: 10, wasRefused: true }, 5, "refused"],
  ["it refuses one, with the minimum open", { max: 4, open: 3, wasRefused: true }, 3, "refused"],
  [
    "it refuses one before the fleet is known",
    { limit: Number.POSITIVE_INFINITY, wasRefused: true },
    4,
    "refused",
  ],
  ["a minimum that fills the share", { max: 31, open: 31, min: 30 }, 31, "share"],
  ["a minimum of as many as there may be", { max: 1_000, min: 1_000, wasRefused: true }, 1_000, "refused"],
])("%s: %o gives %d, %s", (_, changed, max, reason) => {
  expect(autoSize({ ...BUSY, ...changed })).toMatchObject({ max, reason });
});

test.each<[string, Partial<AutoSizeState>, boolean]>([
  ["callers who wait", {}, true],
  ["nobody who waits", { waitMs: 0 }, true],
  ["a share that is reached", { max: 40 }, true],
  ["a server that is slower", { runMs: 20 }, false],
  ["a server that refuses", { wasRefused: true }, false],
])("after %s the next step is a double one: %o %s", (_, changed, isStarting) => {
  expect(autoSize({ ...BUSY, isStarting: true, ...changed }).isStarting).toBe(isStarting);
});

test("instances that began at different times come to equal parts of a server that refuses them", () => {
  const sizes = [3, 60];
  for (let minute = 0; minute < 200; minute++) {
    const wasRefused = sizes.reduce((sum, size) => sum + size, 0) > 80;
    for (const [index, max] of sizes.entries())
      sizes[index] = autoSize({ ...BUSY, instances: 1, limit: 1_000, max, open: max, wasRefused }).max;
  }
  expect(Math.abs((sizes[0] ?? 0) - (sizes[1] ?? 0))).toBeLessThan(4);
});

const SIZES = [3, 5, 10, 20, 40];
const TOO_MANY_CALLERS = "more than the server can do";

test.each<[string, Load]>([
  ["statements that compute", { cores: 2, processes: 1, callersPerSecond: 800, cpuMs: 2, waitMs: 0 }],
  ["statements that wait", { cores: 2, processes: 1, callersPerSecond: 1_600, cpuMs: 1, waitMs: 9 }],
  ["long waits, two processes", { cores: 2, processes: 2, callersPerSecond: 600, cpuMs: 1, waitMs: 40 }],
  ["four processes", { cores: 2, processes: 4, callersPerSecond: 1_600, cpuMs: 1, waitMs: 9 }],
  [TOO_MANY_CALLERS, { cores: 2, processes: 1, callersPerSecond: 1_100, cpuMs: 2, waitMs: 0 }],
  [
    `${TOO_MANY_CALLERS}, of four processes`,
    { cores: 2, processes: 4, callersPerSecond: 1_100, cpuMs: 2, waitMs: 0 },
  ],
])("a pool that sizes itself serves within a tenth of the best size: %s", async (what, load) => {
  const fixed = await Promise.all(
    SIZES.filter((size) => size * load.processes <= 80).map((size) => serve(load, size)),
  );
  const auto = await serve(load, undefined);
  const most = Math.max(...fixed.map(({ perSecond }) => perSecond));
  const quickest = Math.min(...fixed.map(({ meanMs }) => meanMs));
  expect(auto.perSecond, JSON.stringify({ auto, fixed })).toBeGreaterThan(0.9 * most);
  // Where more come than can be served, how long they wait says how long they are willing to.
  if (!what.startsWith(TOO_MANY_CALLERS))
    expect(auto.meanMs, JSON.stringify({ auto, fixed })).toBeLessThan(1.1 * quickest);
});
