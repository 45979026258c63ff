import { DurationHistogram, type PoolTotals } from "@openhouse/pool";
import { expect, test } from "vitest";
import { routesBetween } from "../src/figures/route-figures.ts";

function totalsOf(durationsMs: readonly number[], errors: PoolTotals["statementErrors"] = {}) {
  const run = new DurationHistogram();
  for (const durationMs of durationsMs) run.record(durationMs);
  return { run: run.snapshot(), errors };
}

test("routes are told of a stretch of time, those that failed first and then the slowest", () => {
  const before = { "/slow": totalsOf([9_000], { data: 1 }), "/quiet": totalsOf([1]) };
  const after = {
    "/slow": totalsOf([9_000, 500, 500], { data: 1 }),
    "/quiet": totalsOf([1]),
    "/quick": totalsOf([2]),
    "/endless": totalsOf([200_000]),
    "/fails": totalsOf([1, 1, 1], { timeout: 1, read_only: 2 }),
  };
  const figures = routesBetween(before, after);
  expect(figures.map(({ route }) => route)).toEqual(["/fails", "/endless", "/slow", "/quick"]);
  expect(figures.map(({ statements }) => statements)).toEqual([3, 1, 2, 1]);
  expect(figures[0]?.errors).toEqual([
    { kind: "read_only", count: 2 },
    { kind: "timeout", count: 1 },
  ]);
  expect([figures[1]?.p95Ms, figures[2]?.errors]).toEqual([null, []]);
  expect(figures[2]?.p95Ms).toBeGreaterThanOrEqual(500);
  expect(figures[2]?.p95Ms).toBeLessThan(550);
});
