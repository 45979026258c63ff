import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { classifyError } from "../../src/errors/classify.ts";
import { Connector } from "../../src/sizing/connector.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const refusal = (code: string) => Object.assign(new Error("refused"), { code, severity: "FATAL" });

/** A caller waits all the time, and every attempt fails with that code at once. @returns when each began, in seconds. */
async function attemptsWithin(seconds: number, code: string) {
  const startedAtMs = performance.now();
  const begun: number[] = [];
  const told: string[] = [];
  const connector = new Connector({
    toOpen: ({ connecting }) => 1 - connecting,
    overdueAfterMs: () => 1_000,
    hasWaiters: () => true,
    connect: () => {
      begun.push((performance.now() - startedAtMs) / 1_000);
      return Promise.reject(refusal(code));
    },
    classify: classifyError,
    onPermanentFailure: () => false,
    onFailure: () => {},
    onRecovered: () => {},
    onRefused: (error) => told.push(String(Reflect.get(error, "code"))),
  });
  connector.fill();
  await vi.advanceTimersByTimeAsync(seconds * 1_000);
  connector.stop();
  return { begun, told };
}

test.each(["28P01", "28000", "3D000", "42501"])(
  "a sign-in that is refused with %s is repeated after a second, then more and more rarely, each half minute at last",
  async (code) => {
    const { begun, told } = await attemptsWithin(100, code);
    expect(begun.map(Math.round)).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
    expect(new Set(told)).toEqual(new Set([code]));
  },
);

test("a sign-in that succeeds ends a refusal, and the next one is a first one again", async () => {
  const told: string[] = [];
  const ends: ((error?: Error) => void)[] = [];
  let wanted = 2;
  const connector = new Connector({
    toOpen: ({ connecting }) => wanted - connecting,
    overdueAfterMs: () => 60_000,
    hasWaiters: () => true,
    connect: () =>
      new Promise((resolve, reject) =>
        ends.push((error) => (error === undefined ? resolve(() => wanted--) : reject(error))),
      ),
    classify: classifyError,
    onPermanentFailure: () => false,
    onFailure: () => {},
    onRecovered: () => {},
    onRefused: (error) => told.push(error.message),
  });
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  connector.fill();
  ends[0]?.(refusal("28P01"));
  await pass(0);
  expect(connector.refusal).toBeDefined();
  ends[1]?.();
  await pass(0);
  expect(connector.refusal).toBeUndefined();
  expect(ends).toHaveLength(3);
  ends[2]?.(refusal("28P01"));
  await pass(999);
  expect(ends).toHaveLength(3);
  await pass(1);
  expect(ends).toHaveLength(4);
  expect(told.length).toBeGreaterThan(0);
  connector.stop();
});

test("sign-ins that are refused together are one refusal", async () => {
  const ends: ((error: Error) => void)[] = [];
  const connector = new Connector({
    toOpen: ({ connecting }) => 2 - connecting,
    overdueAfterMs: () => 60_000,
    hasWaiters: () => true,
    connect: () => new Promise((_resolve, reject) => ends.push(reject)),
    classify: classifyError,
    onPermanentFailure: () => false,
    onFailure: () => {},
    onRecovered: () => {},
    onRefused: () => {},
  });
  connector.fill();
  await vi.advanceTimersByTimeAsync(10);
  for (const end of ends.splice(0)) end(refusal("28P01"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends).toHaveLength(2);
  connector.stop();
});

test("what may pass is tried again several times a second, and nobody is told", async () => {
  const { begun, told } = await attemptsWithin(5, "57P03");
  expect(begun.length).toBeGreaterThan(20);
  expect(told).toEqual([]);
});
