import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { judge } from "../src/figures/judge.ts";
import type { Reading } from "../src/figures/reading.ts";

const WELL: Reading = {
  atMs: 0,
  status: "healthy",
  kind: null,
  latencyMs: 2,
  used: 3,
  idle: 5,
  max: 20,
  waiting: 0,
  oldestWaiterMs: 0,
  refused: 0,
  errors: 0,
};

/** A reading a second for two minutes, of which the last ones are `figures`. */
function lately(seconds: number, figures: Partial<Reading>): Reading[] {
  return Array.from({ length: 120 }, (_, second) => ({
    ...WELL,
    ...(second >= 120 - seconds && figures),
    atMs: second * 1_000,
  }));
}

const FULL = { used: 20, idle: 0 };

test("a pool that serves is good, and there is nothing to say", () => {
  expect(judge(lately(120, {}))).toEqual({ level: "good", findings: [] });
  expect(judge([])).toEqual({ level: "good", findings: [] });
});

test.each<[string, number, Partial<Reading>, "good" | "look" | "act"]>([
  ["75 % in use", 60, { used: 15 }, "good"],
  ["90 % in use for a moment", 1, { used: 18 }, "good"],
  ["90 % in use", 5, { used: 18 }, "look"],
  ["all in use for ten seconds, and nobody waits", 10, FULL, "look"],
  ["all in use for half a minute", 31, FULL, "act"],
  ["requests that wait for a moment", 1, { ...FULL, waiting: 3 }, "look"],
  ["requests that go on waiting", 5, { ...FULL, waiting: 1 }, "act"],
  ["a request that was refused within half a minute", 20, { refused: 1 }, "act"],
  ["an answer within 200 ms", 120, { latencyMs: 200 }, "good"],
  ["an answer within 400 ms", 120, { latencyMs: 400 }, "look"],
  ["an answer within 600 ms, for half a minute", 30, { latencyMs: 600 }, "look"],
  ["an answer within 600 ms, for a minute", 61, { latencyMs: 600 }, "act"],
  ["a database that is away", 1, { status: "unhealthy", kind: "connection_refused" }, "act"],
  ["a server that is full and serves", 1, { status: "degraded", kind: "too_many_connections" }, "look"],
  ["a process that is going", 1, { status: "draining" }, "look"],
])("%s: after %i s with %o it is %s", (_what, seconds, figures, level) => {
  expect(judge(lately(seconds, figures)).level).toBe(level);
});

test("a connection that is held for long is told with its place", () => {
  const { level, findings } = judge(lately(1, {}), [{ heldMs: 42_000, callSite: "load (page.tsx:12:3)" }]);
  expect(level).toBe("look");
  expect(findings[0]?.text).toBe("A connection has been held for 42 s, at load (page.tsx:12:3).");
});

test("the worst is told first, and all of it", () => {
  const { findings } = judge(
    lately(40, { ...FULL, waiting: 7, oldestWaiterMs: 4_200, refused: 1, latencyMs: 300 }),
  );
  expect(findings.map(({ level }) => level)).toEqual(["act", "act", "act", "look"]);
  expect(findings[1]?.text).toBe("7 requests wait for a connection, the first for 4.2 s.");
});

test("docs/operating/monitoring.md names the thresholds that are applied", () => {
  const page = readFileSync(new URL("../../../docs/operating/monitoring.md", import.meta.url), "utf8");
  for (const words of [
    "| in use |",
    "| waiting |",
    "| latency |",
    "| longest holder |",
    "90 % of max",
    "blocked for 10 s",
    "open for 5 min",
  ])
    expect(page).toContain(words);
});
