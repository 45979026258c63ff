import { expect, test } from "vitest";
import { acquireWaits, inAll } from "../environment/portal-figures.ts";
import { compareLedger } from "../ledger.ts";
import type { OperationResult } from "../results.ts";
import type { RunReport } from "../run.ts";
import { judge, judgeMixed } from "../verdict.ts";

const LIMITS = { "max-error-rate": 0, "max-p99": Number.POSITIVE_INFINITY };

function operation(changes: Partial<OperationResult> = {}): OperationResult {
  const latency = { meanMs: 10, p50Ms: 9, p95Ms: 20, p99Ms: 30, maxMs: 40 };
  return {
    name: "search",
    asked: 200,
    answeredAtOnce: 200,
    answered: 200,
    errors: {},
    unclean: {},
    latency,
    perSecond: 100,
    seconds: [],
    ...changes,
  };
}

function report(operations: OperationResult[], changes: Partial<RunReport> = {}): RunReport {
  return {
    title: "rag",
    loads: [],
    restart: null,
    generator: { startedAt: "", seconds: 2, operations, lateP99Ms: 1, cpuShare: 0.1 },
    connections: { peak: 5, samples: [] },
    waits: { acquired: 10, meanMs: 1, p99Ms: 5, bound: true },
    pool: { timeouts: 0, shed: 0 },
    deadlocks: 0,
    mostWaiting: 0,
    portal: { kind: "Pool", crashes: 0, unexpected: 0, cpuShare: 0.5, figures: [] },
    ledger: {
      acknowledged: { answers: 0, redemptions: 0 },
      unacknowledged: { messages: 0, scans: 0 },
      lost: [],
      doubled: [],
    },
    ...changes,
  };
}

const RESTART = { atS: 1, tookMs: 300 };

test("a calm run passes when all was answered at the first attempt", () => {
  expect(judge(report([operation()]), LIMITS)).toEqual([]);
});

test("one failure in a thousand is one too many, unless it is allowed", () => {
  const one = operation({ asked: 1_000, answered: 999, answeredAtOnce: 999, errors: { "500 internal": 1 } });
  expect(judge(report([one]), LIMITS)).toEqual(["search: 0.1 % failed, 0 % may"]);
  expect(judge(report([one]), { ...LIMITS, "max-error-rate": 0.1 })).toEqual([]);
});

test("p99 is held against its limit, for each kind of request", () => {
  const complaints = judge(report([operation(), operation({ name: "chat" })]), { ...LIMITS, "max-p99": 29 });
  expect(complaints).toEqual(["search: p99 is 30 ms, 29 may be", "chat: p99 is 30 ms, 29 may be"]);
});

test("with a restart a request may be sent back with Retry-After, and must be answered in the end", () => {
  const back = operation({ answeredAtOnce: 150, errors: { "503 connection_refused": 60 } });
  expect(judge(report([back], { restart: RESTART }), LIMITS)).toEqual([]);
  expect(judge(report([{ ...back, answered: 199 }], { restart: RESTART }), LIMITS)).toEqual([
    "search: 0.5 % failed, 0 % may",
  ]);
  const wrong = { ...back, unclean: { "500 internal": 1 } };
  expect(judge(report([wrong], { restart: RESTART }), { ...LIMITS, "max-error-rate": 100 })).toEqual([
    "search: failures that do not say when to come again: 1 x 500 internal",
  ]);
});

test("a run in which nothing was asked has shown nothing", () => {
  const none = operation({ asked: 0, answered: 0, answeredAtOnce: 0 });
  expect(judge(report([none]), LIMITS)).toEqual(["search: nothing was asked"]);
});

test("memory that grows between the second and the last quarter is no flat memory", () => {
  const figures = (grow: number) =>
    Array.from({ length: 400 }, (_, atS) => ({
      atS,
      rssMb: 400,
      nativeMb: 300 + grow * atS,
      heapMb: 100,
      waiting: 0,
    }));
  const of = (grow: number) =>
    report([operation()], {
      portal: { ...report([]).portal, figures: figures(grow) },
      generator: { ...report([operation()]).generator, seconds: 400 },
    });
  expect(judgeMixed(of(0))).toEqual([]);
  expect(judgeMixed(of(0.01))).toEqual([]);
  expect(judgeMixed(of(0.5))).toHaveLength(1);
});

test("the acquire wait is the bucket that 99 of 100 callers are in", () => {
  const figures = (counts: number[]) => ({
    ...{ at: 0, kind: "Pool", rss: 0, heapTotal: 0, heapUsed: 0, cpuMs: 0, waiting: 0 },
    ...{ waits: null, both: false },
    totals: { wait: { boundsMs: [1, 5, 10, 50, 100], counts, count: 0, sumMs: 0 }, timeouts: 0, shed: 0 },
  });
  const before = figures([500, 0, 0, 0, 0, 9]);
  expect(acquireWaits(before, figures([1_480, 10, 9, 0, 1, 9]))).toMatchObject({
    p99Ms: 5,
    acquired: 1_000,
  });
  expect(acquireWaits(before, figures([1_480, 0, 9, 0, 11, 9]))).toMatchObject({ p99Ms: 100 });
});

test("what two workers tell is counted together, each with what it told last", () => {
  const told = (pid: number, rss: number, count: number) => ({
    ...{ at: 0, pid, kind: "Pool", rss, heapTotal: 0, heapUsed: 0, cpuMs: 5, waiting: 1 },
    ...{ waits: null, both: false },
    totals: { wait: { boundsMs: [1], counts: [count, 1], count: count + 1, sumMs: 2 }, timeouts: 1, shed: 0 },
  });
  const [first, second, third] = inAll([told(1, 10, 5), told(2, 100, 7), told(1, 20, 6)]);
  expect(first).toMatchObject({ rss: 10, waiting: 1 });
  expect(second).toMatchObject({ rss: 110, waiting: 2, cpuMs: 5 });
  expect(third).toMatchObject({
    rss: 120,
    totals: { wait: { counts: [13, 2], count: 15, sumMs: 4 }, timeouts: 2 },
  });
});

const TURN = { threadId: "t", clientMessageId: "m", code: "C", answer: { id: "a", textMd5: "x" } };
const MESSAGE = { thread_id: "t", status: "complete", text_md5: "x", code: "C" };
const ASKED = { ...MESSAGE, id: "q", role: "user", client_message_id: "m", reply_to_id: null };
const ANSWER = { ...MESSAGE, id: "a", role: "assistant", client_message_id: null, reply_to_id: "q" };

test("the ledger knows what is kept, lost, changed and doubled", () => {
  const of = (rows: (typeof ASKED | typeof ANSWER)[]) => {
    const { lost, doubled } = compareLedger(rows, [], { turns: [TURN], scans: [] });
    return [lost.length, doubled.length];
  };
  expect(of([ASKED, ANSWER])).toEqual([0, 0]);
  expect(of([])).toEqual([1, 0]);
  expect(of([ASKED])).toEqual([1, 0]);
  expect(of([ASKED, { ...ANSWER, status: "aborted" }])).toEqual([1, 0]);
  expect(of([ASKED, { ...ANSWER, text_md5: "y" }])).toEqual([1, 0]);
  expect(of([{ ...ASKED, code: "D" }, ANSWER])).toEqual([1, 0]);
  expect(of([ASKED, ANSWER, { ...ASKED, id: "q2" }])).toEqual([0, 1]);
  expect(of([ASKED, ANSWER, { ...ANSWER, id: "a2" }])).toEqual([0, 1]);
  expect(of([ASKED, ANSWER, { ...ASKED, id: "q3", client_message_id: "other" }])).toEqual([0, 1]);
});

test("a code is used exactly when somebody was let in, and an acknowledged session is there", () => {
  const of = (used: boolean, sessions: string[], sessionId: string | null) => {
    const scans = [{ code: "C", sessionId }];
    const { lost, doubled } = compareLedger([], [{ code: "C", used, sessions }], { turns: [], scans });
    return [lost.length, doubled.length];
  };
  expect(of(true, ["s"], "s")).toEqual([0, 0]);
  expect(of(true, ["s"], null)).toEqual([0, 0]);
  expect(of(false, [], null)).toEqual([0, 0]);
  expect(of(false, [], "s")).toEqual([1, 0]);
  expect(of(true, ["other"], "s")).toEqual([1, 0]);
  expect(of(true, ["s", "s2"], "s")).toEqual([0, 1]);
  expect(of(true, [], null)).toEqual([0, 1]);
});
