import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KNOWN_FOR_SECONDS, knownDevice, newDevice } from "../src/known-device.ts";
import { Refusals } from "../src/refusals.ts";
import { waitMsFor } from "../src/slow-down.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const FIVE = { burst: 5, everyMs: 2_000 };

test("who is over an allowance is refused until it is there again, but for the looks that are let through", () => {
  const refusals = new Refusals();
  expect(refusals.remember("a", 60_000, FIVE)).toBe(true);
  expect(refusals.remember("a", 60_000, FIVE)).toBe(false);
  // The one that was refused just now was the first of the five.
  expect(Array.from({ length: 6 }, () => refusals.admit("a"))).toEqual([0, 0, 0, 0, 60_000, 60_000]);
  vi.advanceTimersByTime(2_000);
  expect([refusals.msLeft("a"), refusals.msLeft("a")]).toEqual([0, 0]);
  expect([refusals.admit("a"), refusals.admit("a")]).toEqual([0, 58_000]);
  expect(refusals.admit("b")).toBe(0);
  vi.advanceTimersByTime(30_000);
  expect(Array.from({ length: 6 }, () => refusals.admit("a"))).toEqual([0, 0, 0, 0, 0, 28_000]);
  vi.advanceTimersByTime(28_000);
  expect(refusals.admit("a")).toBe(0);
  expect(refusals.size).toBe(0);
});

test("as many are remembered as may be, and the oldest is forgotten first", () => {
  const refusals = new Refusals(3);
  for (const key of ["a", "b", "c", "d"]) refusals.remember(key, 60_000, { burst: 1, everyMs: 1_000 });
  expect(refusals.size).toBe(3);
  expect(["a", "b", "c", "d"].map((key) => refusals.admit(key) > 0)).toEqual([false, true, true, true]);
  refusals.forget("b");
  expect(refusals.admit("b")).toBe(0);
});

test("a browser is known for its account, for 180 days", () => {
  const cookie = newDevice("amelia@harbourvale.example");
  const id = knownDevice("amelia@harbourvale.example", cookie);
  expect(cookie.startsWith(`${id}.`)).toBe(true);
  expect(newDevice("amelia@harbourvale.example")).not.toBe(cookie);
  for (const other of [
    undefined,
    "",
    "x",
    `${cookie}x`,
    cookie.replace(/^./, (first) => (first === "A" ? "B" : "A")),
    cookie.replace(/\.\d/, ".9"),
  ])
    expect(knownDevice("amelia@harbourvale.example", other)).toBeNull();
  expect(knownDevice("tomasz@harbourvale.example", cookie)).toBeNull();
  vi.advanceTimersByTime(KNOWN_FOR_SECONDS * 1_000);
  expect(knownDevice("amelia@harbourvale.example", cookie)).toBeNull();
});

test("an attempt waits longer the more there were, and never more than eight seconds", () => {
  expect([1, 10, 11, 15, 16, 20, 21, 26, 31, 32, 10_000].map(waitMsFor)).toEqual([
    0, 0, 500, 500, 1_000, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
  ]);
});
