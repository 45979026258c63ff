import { functions } from "@openhouse/jobs/functions/index";
import { describe, expect, test } from "vitest";
import { nextTime } from "../jobs-executor/cron.ts";
import { waitMs } from "../jobs-executor/duration.ts";
import { readFunctions } from "../jobs-executor/functions.ts";
import { canonicalJson } from "../jobs-executor/json.ts";
import { bearerOf, signatureOf } from "../jobs-executor/signature.ts";

describe("a cron", () => {
  const after = new Date("2026-11-21T07:23:45Z"); // a Saturday
  test.each([
    ["* * * * *", "2026-11-21T07:24:00Z"],
    ["*/5 * * * *", "2026-11-21T07:25:00Z"],
    ["17 3 * * *", "2026-11-22T03:17:00Z"],
    ["23 7 * * *", "2026-11-22T07:23:00Z"],
    ["0 9-17/4 * * 1-5", "2026-11-23T09:00:00Z"],
    ["30 8,20 1 * *", "2026-12-01T08:30:00Z"],
    ["0 0 29 2 *", "2028-02-29T00:00:00Z"],
    ["0 0 13 * 5", "2026-11-27T00:00:00Z"],
  ])("%s comes true next at %s", (expression, next) => {
    expect(nextTime(expression, after)).toEqual(new Date(next));
  });

  test.each([
    "",
    "* * * *",
    "60 * * * *",
    "*/0 * * * *",
    "a * * * *",
    "5-1 * * * *",
    "TZ=Europe/London 0 3 * * *",
    "0 0 30 2 *",
  ])("%j is refused", (expression) => {
    expect(() => nextTime(expression, after)).toThrow(RangeError);
  });
});

test.each([
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
  ["2026-01-01T00:00:10Z", 10_000],
  ["2025-01-01T00:00:00Z", 0],
])("%j is a wait of %d ms", (text, ms) => {
  expect(waitMs(text, Date.parse("2026-01-01T00:00:00Z"))).toBe(ms);
});

test.each(["", "soon", "5x"])("%j is no wait", (text) => {
  expect(() => waitMs(text, 0)).toThrow(RangeError);
});

test("canonical JSON orders the members, all the way down", () => {
  expect(canonicalJson({ b: [{ d: 1, c: "ü" }], a: null, no: undefined })).toBe(
    '{"a":null,"b":[{"c":"ü","d":1}]}',
  );
});

test("a signature covers body and time, and a key's bearer does not tell the key", () => {
  const key = "signkey-local-0123456789abcdef";
  const signature = signatureOf("{}", key, 1_700_000_000_000);
  expect(signature).toMatch(/^t=1700000000&s=[0-9a-f]{64}$/);
  expect(signatureOf("{ }", key, 1_700_000_000_000)).not.toBe(signature);
  expect(bearerOf(key)).toMatch(/^Bearer signkey-local-[0-9a-f]{64}$/);
  expect(bearerOf(key)).not.toContain("0123456789abcdef");
});

test("our own functions ask for nothing that the local executor does not understand", () => {
  const configs = functions.flatMap((fn) =>
    // biome-ignore lint/complexity/useLiteralKeys: private to TypeScript, and how the SDK describes a function to an executor
    fn["getConfig"]({ baseUrl: new URL("http://localhost/api/inngest"), appPrefix: "openhouse" }),
  );
  const read = readFunctions({ functions: JSON.parse(JSON.stringify(configs)) });
  expect(read).toHaveLength(functions.length);
  for (const fn of read) {
    expect(fn.ignored, fn.id).toEqual([]);
    expect(fn.events.length + fn.crons.length, fn.id).toBe(1);
    for (const cron of fn.crons) expect(() => nextTime(cron, new Date())).not.toThrow();
  }
});
