import { afterEach, expect, test, vi } from "vitest";
import { consoleLogger } from "../src/telemetry/logger.ts";

afterEach(() => vi.restoreAllMocks());

function lineOf(format: "json" | "pretty", fields: Record<string, unknown>): string {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  consoleLogger<"shop.order.lost">({ format, debug: false }).warn("shop.order.lost", fields);
  expect(warn).toHaveBeenCalledTimes(1);
  return String(warn.mock.lastCall?.[0]);
}

test("what JSON has no word for is written as near to it as can be, and ends no caller", () => {
  const request: Record<string, unknown> = { id: 7n, parts: [{ of: "a" }, { of: "b" }] };
  request.self = { request };
  const shared = { city: "Cork" };
  const fields = { request, home: shared, work: shared, nothing: null };
  const expected = {
    request: { id: "7", parts: [{ of: "a" }, { of: "b" }], self: { request: "[circular]" } },
    home: shared,
    work: shared,
    nothing: null,
  };
  expect(JSON.parse(lineOf("json", fields))).toMatchObject({ event: "shop.order.lost", ...expected });
  vi.restoreAllMocks();
  expect(lineOf("pretty", { request, count: 7n })).toBe(
    `shop.order.lost request=${JSON.stringify(expected.request)} count="7"`,
  );
});
