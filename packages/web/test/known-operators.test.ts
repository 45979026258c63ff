import { expect, test } from "vitest";
import { KnownOperators } from "../src/known-operators.ts";

const MINUTE = 60_000;

function knowing() {
  const clock = { nowMs: 1_000_000 };
  const known = new KnownOperators<{ sessionId: string; expiresAt: Date }>(() => clock.nowMs);
  const session = (sessionId: string, minutesLeft = 600) => ({
    sessionId,
    expiresAt: new Date(clock.nowMs + minutesLeft * MINUTE),
  });
  return { clock, known, session };
}

test("the database's last word on a session counts for a quarter of an hour", () => {
  const { clock, known, session } = knowing();
  known.remember(session("a"));
  clock.nowMs += 14 * MINUTE;
  expect(known.recall("a")).toBeDefined();
  clock.nowMs += MINUTE;
  expect(known.recall("a")).toBeUndefined();
});

test("no session counts beyond its own end, nor once it was forgotten, nor one that was never known", () => {
  const { clock, known, session } = knowing();
  known.remember(session("a", 2));
  known.remember(session("b"));
  known.forget("b");
  clock.nowMs += 2 * MINUTE;
  for (const id of ["a", "b", "c"]) expect(known.recall(id)).toBeUndefined();
});

test("a thousand are known, and of more those that the database knew last", () => {
  const { known, session } = knowing();
  for (let number = 0; number < 1_001; number++) known.remember(session(String(number)));
  expect(known.recall("0")).toBeUndefined();
  expect(known.recall("1")).toBeDefined();
  known.remember(session("1"));
  known.remember(session("1001"));
  expect(known.recall("1")).toBeDefined();
  expect(known.recall("2")).toBeUndefined();
});
