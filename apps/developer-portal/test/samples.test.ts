import { expect, test } from "vitest";
import { addSample, chartPoints, type Sample, shownMs, WINDOW_MS } from "../app/(portal)/database/samples.ts";

function sample(atMs: number, used = 0): Sample {
  return { atMs, status: "healthy", latencyMs: 1, used, idle: 2, waiting: 0, max: 20, min: 2 };
}

test("samples older than the window are dropped, so a page left open does not grow", () => {
  let samples: Sample[] = [];
  for (let second = 0; second <= 600; second += 1) samples = addSample(samples, sample(second * 1_000));
  expect(samples).toHaveLength(WINDOW_MS / 1_000 + 1);
  expect(samples[0]?.atMs).toBe(600_000 - WINDOW_MS);
});

test("the newest sample stands at 0, the others before it", () => {
  expect(chartPoints([sample(1_000, 3), sample(2_000, 4)])).toEqual([
    { offsetMs: -1_000, used: 3, idle: 2, waiting: 0 },
    { offsetMs: 0, used: 4, idle: 2, waiting: 0 },
  ]);
});

test("time in which nobody looked is a gap, not a line", () => {
  const points = chartPoints([sample(1_000), sample(60_000)]);
  expect(points).toHaveLength(3);
  expect(points[1]).toEqual({ offsetMs: -58_999 });
});

test("the chart reaches back a minute at first, then three", () => {
  expect(shownMs([sample(0)])).toBe(60_000);
  expect(shownMs([sample(0), sample(61_000)])).toBe(WINDOW_MS);
});
