import pg from "pg";
import { expect, test } from "vitest";
import { AcquireTimeoutError, PoolSaturatedError, StatementTimeoutError } from "../../src/errors/errors.ts";
import { fallbackReasonOf } from "../../src/replicas/fallback-reason.ts";

const fromServer = (code: string) =>
  Object.assign(new pg.DatabaseError("as it may be", 0, "error"), { severity: "ERROR", code, routine: "r" });

test.each([
  ["40001", "conflict"],
  ["25006", "read_only"],
  ["OH001", "token"],
  ["42P01", "schema"],
  ["57P01", "lost"],
  ["53300", "lost"],
  // The primary would refuse it, too; a division by zero is the guard's where the settings have it alone.
  ["22012", undefined],
  ["22P02", undefined],
  // The caller's own limits: a replica that others are served by is not at fault.
  ["57014", undefined],
  ["55P03", undefined],
])("what a replica has refused with %s: %s", (code, reason) => {
  expect(fallbackReasonOf(fromServer(code))).toBe(reason);
});

test("a replica without a connection is passed by, and who has run out of time is told", () => {
  expect(fallbackReasonOf(new AcquireTimeoutError("none came free"))).toBe("lost");
  expect(fallbackReasonOf(new PoolSaturatedError("too many wait"))).toBe("saturated");
  expect(fallbackReasonOf(new StatementTimeoutError(100, true))).toBeUndefined();
  expect(fallbackReasonOf(new StatementTimeoutError(100, false))).toBeUndefined();
});
