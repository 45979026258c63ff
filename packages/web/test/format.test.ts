import { expect, test } from "vitest";
import { formatBytes, formatDay, formatNumberOf, formatOnboardingCode, formatWait } from "../src/format.ts";

test("a day reads the same for a calendar day and for an instant, in every time zone of the server", () => {
  expect(formatDay("2026-11-21")).toBe("21 Nov 2026");
  expect(formatDay(new Date("2026-11-21T23:59:59Z"))).toBe("21 Nov 2026");
});

test.each([
  [0, "a moment"],
  [4.2, "a moment"],
  [39.1, "40 seconds"],
  [60, "a minute"],
  [61, "2 minutes"],
  [3_541, "an hour"],
  [7_201, "3 hours"],
])("%i seconds to wait are %s", (seconds, text) => expect(formatWait(seconds)).toBe(text));

test.each([
  [812, "812 B"],
  [999, "999 B"],
  [1_000, "1 KB"],
  [999_499, "999 KB"],
  [999_500, "1.0 MB"],
  [1_240_000, "1.2 MB"],
])("%i bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test("numbers come with the noun that fits them", () => {
  expect([0, 1, 1250].map((count) => formatNumberOf(count, "unit"))).toEqual([
    "0 units",
    "1 unit",
    "1,250 units",
  ]);
});

test("an onboarding code is shown in groups of five", () => {
  expect(formatOnboardingCode("QC4D9G5CTJ5X3KW7YHWX")).toBe("QC4D9-G5CTJ-5X3KW-7YHWX");
});
