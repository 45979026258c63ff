import type { Reading } from "@openhouse/web/figures/reading";
import { expect, test } from "vitest";
import { areaOf, bandsOf, lineOf, runsOf } from "../app/(operator)/database/chart-shapes.ts";
import { addressOf, readView } from "../app/(operator)/database/view.ts";

const SECOND = 1_000;
const FRAME = { fromMs: 0, toMs: 10 * SECOND, bucketMs: SECOND };

function reading(second: number, figures: Partial<Reading> = {}): Reading {
  return {
    atMs: second * SECOND,
    status: "healthy",
    kind: null,
    latencyMs: 1,
    used: 0,
    idle: 2,
    max: 20,
    waiting: 0,
    oldestWaiterMs: 0,
    refused: 0,
    errors: 0,
    ...figures,
  };
}

test("nothing is drawn where nothing is known: a hole ends a run, and one late reading does not", () => {
  const seconds = [0, 1, 3, 4, 8];
  const runs = runsOf(
    seconds.map((second) => reading(second)),
    FRAME,
  );
  expect(runs.map((run) => run.map(({ atMs }) => atMs / SECOND))).toEqual([[0, 1, 3, 4], [8]]);
});

test("a figure holds until the next reading, and the last one for a second", () => {
  const run = [reading(0, { used: 1 }), reading(1, { used: 3 })];
  expect(lineOf(run, FRAME, ({ used }) => used)).toBe("M0 1H100V3H200");
  expect(
    areaOf(
      run,
      FRAME,
      ({ used }) => used,
      () => 9,
    ),
  ).toBe("M0 1H100V3H200V9H100V9H0Z");
});

test("a line breaks where its figure is not known", () => {
  const run = [reading(0), reading(1, { latencyMs: null }), reading(2, { latencyMs: 5 })];
  expect(lineOf(run, FRAME, ({ latencyMs }) => latencyMs)).toBe("M0 1H100M200 5H300");
});

test("an outage is a band from its first failed reading to the end of its last", () => {
  const failed = { status: "unhealthy" } as const;
  const readings = [reading(0), reading(1, failed), reading(2, failed), reading(3), reading(9, failed)];
  expect(bandsOf(readings, FRAME, ({ status }) => status === "unhealthy")).toEqual([
    { x: 100, width: 200 },
    { x: 900, width: 100 },
  ]);
});

test("an address names process, range and moment, and one without a range gets the finest that reaches back", () => {
  const rows = [
    { origin: "http://b:1", figures: null, isReachable: false },
    { origin: "http://a:1", figures: null, isReachable: true },
  ];
  const nowMs = Date.UTC(2026, 0, 1, 12);
  expect(readView({}, rows, nowMs)).toEqual({ origin: "http://a:1", range: "5m", atMs: null });
  const view = { origin: "http://b:1", range: "1h", atMs: nowMs - 60_000 } as const;
  const asked = Object.fromEntries(new URL(addressOf(view), "http://x").searchParams);
  expect(readView(asked, rows, nowMs)).toEqual(view);
  const ago = (minutes: number) =>
    readView({ at: new Date(nowMs - minutes * 60_000).toISOString() }, rows, nowMs);
  expect([1, 20, 300].map((minutes) => ago(minutes).range)).toEqual(["5m", "1h", "24h"]);
  const unknown = readView({ process: "http://evil:1", range: "9y", at: "soon" }, rows, nowMs);
  expect(unknown).toEqual({ origin: "http://a:1", range: "5m", atMs: null });
});
