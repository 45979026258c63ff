import { expect, test } from "vitest";
import { RestartDelay } from "../portals/workers/restart-delay.ts";

test("a process that ends again and again is started after twice the time, 30 s at most, and at once again after it was well", () => {
  const delay = new RestartDelay();
  const delays = Array.from({ length: 9 }, () => delay.next(1_000));
  expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(delay.next(60_000)).toBe(250);
  expect(delay.next(1_000)).toBe(500);
});
