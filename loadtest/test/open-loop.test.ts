import { expect, test } from "vitest";
import { intendedStartMs, openLoop } from "../generator/open-loop.ts";
import { Operation } from "../generator/recorder.ts";

test("requests are due at even distances", () => {
  expect([0, 1, 50, 75].map((index) => intendedStartMs(index, 50))).toEqual([0, 20, 1_000, 1_500]);
});

test("a generator that was held up starts what is due at once, and counts from when it was due", async () => {
  const fired: { index: number; lateMs: number }[] = [];
  await openLoop({ ratePerSecond: 100, durationMs: 300 }, async (index, intendedAtMs) => {
    fired.push({ index, lateMs: performance.now() - intendedAtMs });
    if (index === 5) holdUp(120);
  });
  expect(fired.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  // The sixth was due 10 ms after the fifth, which took 120.
  expect(fired[6]?.lateMs).toBeGreaterThan(100);
  expect(fired[10]?.lateMs).toBeGreaterThan(60);
});

test("a slow server does not slow the rate down, and its slowness is in the latency of all who meet it", async () => {
  const operation = new Operation("scan", performance.now());
  // Serves one at a time, 20 ms each, while 100 a second come: the queue grows.
  let served = Promise.resolve();
  await openLoop({ ratePerSecond: 100, durationMs: 400 }, (_index, intendedAtMs) => {
    operation.begin();
    served = served.then(() => new Promise((resolve) => setTimeout(resolve, 20)));
    return served.then(() => operation.succeed(intendedAtMs, 1));
  });
  const { asked, latency } = operation.result(1);
  expect(asked).toBe(40);
  expect(latency.maxMs).toBeGreaterThan(350);
  expect(latency.p50Ms).toBeGreaterThan(150);
});

function holdUp(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
