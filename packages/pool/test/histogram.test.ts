import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CONVENTIONAL_BOUNDS_MS,
  DurationHistogram,
  FINE_BOUNDS_MS,
  foldHistogram,
  quantileMs,
} from "../src/telemetry/histogram.ts";

function histogramOf(durationsMs: Iterable<number>) {
  const histogram = new DurationHistogram();
  for (const durationMs of durationsMs) histogram.record(durationMs);
  return histogram.snapshot();
}

/** By looking at each bound, the last included. */
function bucketOf(durationMs: number, boundsMs: readonly number[]): number {
  const bucket = boundsMs.findIndex((boundMs) => durationMs <= boundMs);
  return bucket === -1 ? boundsMs.length : bucket;
}

const anyDuration = fc.oneof(
  fc.double({ min: 0, max: 200_000, noNaN: true }),
  fc.double({ min: 0, max: 20, noNaN: true }),
  fc.constantFrom(...FINE_BOUNDS_MS),
);

test("a duration is counted in the bucket whose bounds hold it, a bound in the one that it ends", () => {
  fc.assert(
    fc.property(anyDuration, (durationMs) => {
      const { counts } = histogramOf([durationMs]);
      const rounded = Math.fround(durationMs);
      expect(counts.indexOf(1)).toBe(bucketOf(rounded, FINE_BOUNDS_MS));
    }),
    { numRuns: 5_000 },
  );
});

test("buckets are as wide as an eighth of an octave at most, from 8 microseconds to two minutes", () => {
  const ratios = FINE_BOUNDS_MS.slice(1).map((boundMs, index) => boundMs / (FINE_BOUNDS_MS[index] ?? 0));
  expect(Math.max(...ratios)).toBeLessThan(2 ** (1 / 8) * 1.005);
  expect(Math.min(...ratios)).toBeGreaterThan(1);
  expect(FINE_BOUNDS_MS[0]).toBeLessThan(0.008);
  expect(FINE_BOUNDS_MS.at(-1)).toBeGreaterThan(120_000);
});

test("fine buckets fold into the conventional ones exactly", () => {
  const nearBound = fc
    .tuple(fc.constantFrom(...CONVENTIONAL_BOUNDS_MS), fc.constantFrom(0.99, 1, 1.01))
    .map(([boundMs, factor]) => boundMs * factor);
  fc.assert(
    fc.property(fc.array(fc.oneof(anyDuration, nearBound)), (durationsMs) => {
      const rounded = durationsMs.map(Math.fround);
      const expected = new Array<number>(CONVENTIONAL_BOUNDS_MS.length + 1).fill(0);
      for (const each of rounded) {
        const bucket = bucketOf(each, CONVENTIONAL_BOUNDS_MS);
        expected[bucket] = (expected[bucket] ?? 0) + 1;
      }
      const folded = foldHistogram(histogramOf(durationsMs));
      expect(folded.counts).toEqual(expected);
      expect(folded.count).toBe(durationsMs.length);
    }),
  );
});

test("percentiles come from the fine buckets: a healthy pool's and a saturated one's, 9 % too long at most", () => {
  for (const scaleMs of [0.05, 0.4, 30, 2_000]) {
    const durationsMs = Array.from(
      { length: 10_000 },
      (_, index) => -scaleMs * Math.log((index + 0.5) / 10_000),
    );
    const sorted = [...durationsMs].sort((one, other) => one - other);
    for (const part of [0.5, 0.9, 0.95, 0.99]) {
      const exact = sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
      const found = quantileMs(histogramOf(durationsMs), part) ?? 0;
      expect(found / exact).toBeGreaterThanOrEqual(0.999);
      expect(found / exact).toBeLessThan(1.1);
    }
  }
});

test("no duration has no percentile, and what is longer than the last bound is beyond all", () => {
  expect(quantileMs(histogramOf([]), 0.99)).toBeUndefined();
  expect(quantileMs(histogramOf([1, 1e9]), 0.99)).toBe(Number.POSITIVE_INFINITY);
  expect(histogramOf([-1, 0]).counts[0]).toBe(2);
});
