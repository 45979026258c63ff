import { expect, test } from "vitest";
import {
  describePoolSize,
  loadBetween,
  type PoolLoad,
  poolSizeFor,
  shareThatWaits,
  shareThatWaitsLonger,
} from "../../src/index.ts";

test.each([
  [1, 0.5, 0.5],
  [2, 1, 1 / 3],
  [3, 2, 4 / 9],
  [10, 8, 0.4092],
  [10, 0, 0],
  [8, 8, 1],
  [8, 9, 1],
])(
  "with %d connections and %d busy, the part that waits is that of the textbooks",
  (size, busy, expected) => {
    expect(shareThatWaits(size, busy)).toBeCloseTo(expected, 4);
  },
);

test("a thousand connections are as easily told as ten", () => {
  expect(shareThatWaits(1_000, 900)).toBeGreaterThan(0);
  expect(shareThatWaits(1_000, 900)).toBeLessThan(0.01);
});

test("the load is the time in use by the time that went by", () => {
  const load = loadBetween({ count: 100, sumMs: 4_000 }, { count: 1_600, sumMs: 60_400 }, 10_000);
  expect(load).toEqual({ busy: 5.64, holdMs: 37.6 });
});

test.each([
  ["nothing was used", { count: 5, sumMs: 10 }, { count: 5, sumMs: 10 }, 1_000],
  ["the process was started anew", { count: 500, sumMs: 9_000 }, { count: 3, sumMs: 20 }, 1_000],
  ["no time went by", { count: 1, sumMs: 1 }, { count: 2, sumMs: 2 }, 0],
])("there is no load where %s", (_, before, after, elapsedMs) => {
  expect(loadBetween(before, after, elapsedMs)).toBeUndefined();
});

test("the size is the least that keeps the goal, and is told in a line", () => {
  const load = { busy: 5.64, holdMs: 37.6 };
  expect(poolSizeFor(load)).toBe(11);
  expect(shareThatWaitsLonger(11, load, 10)).toBeLessThanOrEqual(0.01);
  expect(shareThatWaitsLonger(10, load, 10)).toBeGreaterThan(0.01);
  expect(describePoolSize(load, 20)).toBe("5.6 busy of 20: 11 would do");
  expect(describePoolSize(load, 6)).toBe("5.6 busy of 6: 11 are needed");
  expect(poolSizeFor({ busy: 0, holdMs: 1 })).toBe(1);
});

/** Callers who come and go at random, one after the other, each to the connection that is free first. */
function measure({ busy, holdMs }: PoolLoad, connections: number, callers: number) {
  let state = 20_261_129;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const spread = (mean: number) => -mean * Math.log(random());
  const freeAt = new Array<number>(connections).fill(0);
  const waits: number[] = [];
  let now = 0;
  let usedMs = 0;
  for (let caller = 0; caller < callers; caller++) {
    now += spread(holdMs / busy);
    const first = freeAt.indexOf(Math.min(...freeAt));
    const startedAt = Math.max(now, freeAt[first] ?? 0);
    const useMs = spread(holdMs);
    freeAt[first] = startedAt + useMs;
    usedMs += useMs;
    waits.push(startedAt - now);
  }
  return { waits, use: { count: callers, sumMs: usedMs }, elapsedMs: now };
}

test.each([6, 7, 9, 11])("a queue before %d connections waits as it is told", (connections) => {
  const load = { busy: 5, holdMs: 40 };
  const { waits, use, elapsedMs } = measure(load, connections, 200_000);
  const seen = loadBetween({ count: 0, sumMs: 0 }, use, elapsedMs);
  expect(seen?.busy).toBeCloseTo(load.busy, 0);
  expect(seen?.holdMs).toBeCloseTo(load.holdMs, 0);
  for (const waitMs of [0, 10, 40]) {
    const longer = waits.filter((wait) => wait > waitMs).length / waits.length;
    expect(Math.abs(longer - shareThatWaitsLonger(connections, load, waitMs))).toBeLessThan(0.02);
  }
});
