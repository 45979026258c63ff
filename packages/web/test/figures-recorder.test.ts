import type { DatabaseObservation } from "@openhouse/db/figures";
import { DurationHistogram, type HealthReport, type PoolTotals } from "@openhouse/pool";
import { expect, test } from "vitest";
import { addReading, RANGES, type Reading } from "../src/figures/reading.ts";
import { Recorder } from "../src/figures/recorder.ts";

const SECOND = 1_000;
const START_MS = Date.UTC(2026, 0, 1);
const NO_DURATIONS = new DurationHistogram().snapshot();

const NOTHING_YET: PoolTotals = {
  acquired: 0,
  timeouts: 0,
  canceled: 0,
  shed: 0,
  created: 0,
  connectErrors: {},
  destroyed: {},
  leaked: 0,
  wait: NO_DURATIONS,
  use: NO_DURATIONS,
  create: NO_DURATIONS,
  run: NO_DURATIONS,
  statementErrors: {},
  routes: {},
  cancelRequests: 0,
  statements: { hits: 0, prepared: 0, evicted: 0, givenUp: 0, off: undefined },
};

const WELL: HealthReport = {
  healthy: true,
  status: "healthy",
  latencyMs: 3,
  poolStats: { totalCount: 4, idleCount: 4, waitingCount: 0 },
  consecutiveFailures: 0,
  everHealthy: true,
};

/** A recorder of a database that the test makes up, on a clock that the test moves. */
function recording() {
  const world = {
    nowMs: START_MS,
    stats: {} as Partial<DatabaseObservation["stats"]>,
    totals: {} as Partial<PoolTotals>,
    health: undefined as DatabaseObservation["health"],
    isDraining: false,
  };
  const recorder = new Recorder({
    now: () => world.nowMs,
    isDraining: () => world.isDraining,
    observe: () => ({
      mode: "pool",
      stats: {
        totalCount: 4,
        idleCount: 4,
        waitingCount: 0,
        usedCount: 0,
        connectingCount: 0,
        closingCount: 0,
        max: 20,
        min: 4,
        ...world.stats,
      },
      oldestWaiterMs: 0,
      totals: { ...NOTHING_YET, ...world.totals },
      health: world.health,
    }),
  });
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      world.nowMs += SECOND;
      recorder.record();
    }
  };
  return { world, recorder, pass };
}

test("an hour is kept by seconds and a day by minutes, and no more than that", () => {
  const { recorder, pass } = recording();
  pass(26 * 3_600);
  expect(recorder.of("24h")).toHaveLength(1_440);
  expect(recorder.last(2 * 3_600_000)).toHaveLength(3_600);
  expect(recorder.of("1h").length).toBeLessThanOrEqual(720);
  expect(recorder.of("5m")).toHaveLength(300);
});

test("a minute tells its worst second: a peak is in each range, however short it was", () => {
  const { world, recorder, pass } = recording();
  pass(90);
  world.stats = { usedCount: 20, idleCount: 0, waitingCount: 60 };
  pass(1);
  world.stats = {};
  pass(200);
  for (const range of ["5m", "1h", "24h"] as const)
    expect(recorder.of(range).filter(({ waiting }) => waiting > 0)).toMatchObject([
      { used: 20, idle: 0, waiting: 60 },
    ]);
});

test("a reading that failed is kept as one, with its kind and without a latency", () => {
  const { world, recorder, pass } = recording();
  const report: HealthReport = {
    ...WELL,
    healthy: false,
    status: "unhealthy",
    error: "connection_refused",
    latencyMs: 1,
  };
  world.health = { report, atMs: START_MS + SECOND };
  pass(1);
  world.health = { report: WELL, atMs: START_MS + 2 * SECOND };
  pass(1);
  expect(recorder.of("5m")).toMatchObject([
    { status: "unhealthy", kind: "connection_refused", latencyMs: null },
    { status: "healthy", kind: null, latencyMs: 3 },
  ]);
  expect(recorder.of("24h")).toMatchObject([{ status: "unhealthy", kind: "connection_refused" }]);
});

test("where nobody asks for health, a reading failed if connecting fails and no statement is answered", () => {
  const { world, recorder, pass } = recording();
  pass(1);
  world.totals = { connectErrors: { connection_refused: 3 } };
  world.stats = { answeredMsAgo: 100 };
  pass(1);
  world.totals = { connectErrors: { connection_refused: 6 } };
  world.stats = { answeredMsAgo: 9_000 };
  pass(1);
  pass(1);
  expect(recorder.of("5m").map(({ status, errors }) => [status, errors])).toEqual([
    ["unknown", 0],
    ["unknown", 3],
    ["unhealthy", 3],
    ["unknown", 0],
  ]);
});

test("what a probe found long ago is not what is known now", () => {
  const { world, recorder, pass } = recording();
  world.health = { report: WELL, atMs: START_MS };
  pass(5);
  expect(recorder.latest).toMatchObject({ status: "healthy", latencyMs: 3 });
  pass(1);
  expect(recorder.latest).toMatchObject({ status: "unknown", latencyMs: null });
});

test("what counts up is told by the second, and begins anew with another pool", () => {
  const { world, recorder, pass } = recording();
  world.totals = { acquired: 10, timeouts: 7, shed: 1, statementErrors: { timeout: 2 } };
  pass(1);
  world.totals = { acquired: 12, timeouts: 9, shed: 2, statementErrors: { timeout: 2, constraint: 1 } };
  pass(1);
  world.totals = {};
  pass(1);
  expect(recorder.of("5m").map(({ refused, errors }) => [refused, errors])).toEqual([
    [0, 0],
    [3, 1],
    [0, 0],
  ]);
});

test("who listens hears of each reading until they stop", () => {
  const { recorder, pass } = recording();
  const heard: Reading[] = [];
  const stop = recorder.listen((reading) => heard.push(reading));
  pass(2);
  stop();
  pass(1);
  expect(heard.map(({ atMs }) => atMs)).toEqual([START_MS + SECOND, START_MS + 2 * SECOND]);
});

test("a process that stood still leaves a hole in its readings", () => {
  const { world, recorder, pass } = recording();
  pass(1);
  world.nowMs += 10 * SECOND;
  pass(1);
  const [first, second] = recorder.of("5m");
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBe(11 * SECOND);
});

test("readings older than the range go as one is added, also after a hole", () => {
  const { recorder } = recording();
  const reading = recorder.latest;
  const kept = [reading];
  addReading(kept, { ...reading, atMs: reading.atMs + 10 * 60_000 }, RANGES["5m"]);
  expect(kept).toHaveLength(1);
});
