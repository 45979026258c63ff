import type { KnownActivity, ServerSession } from "@openhouse/db/figures";
import { expect, test } from "vitest";
import type { ProcessRow } from "../src/figures/fleet.ts";
import { judgeActivity, withActivity } from "../src/figures/judge-activity.ts";

const SESSION: ServerSession = {
  pid: 4711,
  applicationName: "openhouse/tenant@web-1-7 /documents",
  role: "openhouse_app",
  state: "idle in transaction",
  transactionMs: 2_000,
};
const CALM: KnownActivity = {
  atMs: 0,
  pairs: [],
  pairsCount: 0,
  blockedCount: 0,
  transactions: [],
  transactionsCount: 0,
  hiddenCount: 0,
  ourRole: "openhouse_app",
  isStale: false,
};

function blocked(waitsMs: number | null, blockedCount = 1, blocker = SESSION): KnownActivity {
  const pair = { blocked: SESSION, blocker, lock: "documents", waitsMs };
  return { ...CALM, pairs: [pair], pairsCount: 1, blockedCount };
}

const open = (transactionMs: number): KnownActivity => ({
  ...CALM,
  transactions: [{ ...SESSION, transactionMs }],
  transactionsCount: 1,
});

test.each<[string, KnownActivity | null, string[]]>([
  ["nothing read yet", null, []],
  ["nobody who waits", CALM, []],
  ["a wait of nine seconds", blocked(9_900), []],
  ["a wait that the role may not see", blocked(null), []],
  [
    "a wait of ten seconds",
    blocked(10_000),
    [
      "A statement has waited for a lock for 10 s: in its way is openhouse/tenant@web-1-7 /documents (pid 4711).",
    ],
  ],
  [
    "three who wait for somebody without a name",
    blocked(42_000, 3, { ...SESSION, applicationName: "" }),
    ["3 statements wait for a lock, the first for 42 s: in its way is pid 4711."],
  ],
  [
    "a wait for a prepared transaction",
    blocked(42_000, 1, { ...SESSION, pid: 0, applicationName: "" }),
    ["A statement has waited for a lock for 42 s: in its way is a prepared transaction."],
  ],
  ["a transaction of four minutes", open(299_000), []],
  [
    "a transaction of seven minutes",
    open(430_000),
    [
      "A transaction has been open for 7 min: openhouse/tenant@web-1-7 /documents (pid 4711), idle in transaction.",
    ],
  ],
  ["a reading that is stale", { ...blocked(60_000), isStale: true }, []],
])("of %s it is told what there is to look at", (_what, activity, texts) => {
  expect(judgeActivity(activity)).toEqual(texts.map((text) => ({ level: "look", text })));
});

test("every process that answers is told to be looked at, what is worse stays in front, and one that is silent stays so", () => {
  const row = (level: "good" | "act", isReachable = true) => {
    const findings = level === "good" ? [] : [{ level, text: "worse" }];
    return { origin: level, isReachable, figures: { level, findings } } as unknown as ProcessRow;
  };
  const rows = withActivity([row("act"), row("good"), row("good", false)], blocked(60_000));
  expect(rows.map(({ figures }) => [figures?.level, figures?.findings.length])).toEqual([
    ["act", 2],
    ["look", 1],
    ["good", 0],
  ]);
  expect(rows[0]?.figures?.findings[0]?.text).toBe("worse");
});
