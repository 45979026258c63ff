import type { PrepareMode } from "../../src/config/options.ts";
import type { Fault, FaultKind, Moment } from "./faults.ts";
import { Random } from "./random.ts";
import { READS, TAINTS, type Taint, type Text } from "./statements.ts";

/** How a caller's connection comes back. */
export type Return = "clean" | "error" | "destroy";

/** What one statement of a transaction does. */
export type Part =
  | { readonly text: "write" | "conflict" | "violation" | "refusedAtCommit" | "read" }
  | { readonly text: "slowWrite" | "lateWrite"; readonly ms: number }
  /** The transaction's code does something else meanwhile. */
  | { readonly text: "pause"; readonly ms: number };

export interface Interruption {
  /** The statement's deadline. */
  readonly limitMs?: number | undefined;
  /** The caller gives up. */
  readonly abortMs?: number | undefined;
}

/** What a caller does. With `isScoped`, within the scope of a tenant. */
export type Operation = { readonly pauseMs: number } & (
  | ({
      readonly do: "read";
      readonly text: (typeof READS)[number];
      readonly isScoped: boolean;
      readonly isNamed: boolean;
    } & Interruption)
  | ({ readonly do: "slowRead"; readonly ms: number; readonly isScoped: boolean } & Interruption)
  | ({
      readonly do: "write";
      readonly text: Extract<Text, "write" | "slowWrite" | "lateWrite">;
      readonly ms: number;
      readonly isScoped: boolean;
    } & Interruption)
  | { readonly do: "violation"; readonly isScoped: boolean }
  | {
      readonly do: "transaction";
      readonly parts: readonly Part[];
      readonly isScoped: boolean;
      readonly swallows: boolean;
      readonly throws: boolean;
    }
  /** BEGIN and COMMIT by hand on a borrowed client. */
  | { readonly do: "manual"; readonly parts: readonly Part[] }
  /** Borrows, looks whether the session is as new, leaves something behind, and returns it. */
  | {
      readonly do: "taint";
      readonly taints: readonly Taint[];
      readonly how: Return;
      readonly leavesRunning: boolean;
    }
  /** Borrows, violates a constraint, catches the error and returns the client at once. */
  | { readonly do: "caughtError" }
  | {
      readonly do: "hold";
      readonly ms: number;
      readonly abortMs?: number | undefined;
      readonly timeoutMs?: number | undefined;
    }
  /** withRetry over several writes, each a statement of its own, or one transaction. */
  | {
      readonly do: "retry";
      readonly writes: number;
      readonly isTransaction: boolean;
      readonly hasConflict: boolean;
      readonly isIdempotent: boolean;
      readonly holdsBetweenMs: number;
    }
  /** Several reads on one client at once. */
  | { readonly do: "inOrder"; readonly count: number }
  | { readonly do: "resize"; readonly max: number; readonly min: number }
  | { readonly do: "drain" | "warmUp" }
  | { readonly do: "end"; readonly timeoutMs: number }
);

export interface LifeOptions {
  readonly max: number;
  readonly min: number;
  readonly maxWaiting: number;
  readonly maxUses: number;
  readonly maxLifetimeMs: number;
  readonly idleTimeoutMillis: number;
  readonly connectionTimeoutMillis: number;
  readonly queryTimeoutMs: number;
  readonly prepare: PrepareMode;
  readonly hasSession: boolean;
  readonly hook: "none" | "sets" | "throws" | "hangs";
  readonly isGerman: boolean;
  readonly latencyMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly options: LifeOptions;
  readonly callers: readonly (readonly Operation[])[];
  readonly faults: readonly Fault[];
}

const LEAST_OPERATIONS = 50;
/** Of a hundred lives, how many nothing befalls. */
const CALM_PERCENT = 12;

/** The life that follows from a seed. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const isCalm = random.next() * 100 < CALM_PERCENT;
  const options = optionsOf(random, isCalm);
  const callerCount = random.between(4, 7);
  const each = Math.ceil(random.between(LEAST_OPERATIONS, LEAST_OPERATIONS + 10) / callerCount);
  const hasEnd = random.chance(0.1);
  const callers = Array.from({ length: callerCount }, () =>
    Array.from({ length: each }, () => operation(random)),
  );
  if (hasEnd) callers[0]?.push({ pauseMs: 0, do: "end", timeoutMs: random.pick([0, 50, 2_000]) });
  const faults = isCalm ? [] : Array.from({ length: random.between(1, 7) }, () => fault(random));
  return { seed, options, callers, faults };
}

function optionsOf(random: Random, isCalm: boolean): LifeOptions {
  const max = random.between(1, 4);
  return {
    max,
    min: random.between(0, Math.min(2, max)),
    maxWaiting: random.pick([3, 8, 100]),
    maxUses: random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3, 20]),
    maxLifetimeMs: random.pick([0, 0, 400, 30_000]),
    idleTimeoutMillis: random.pick([0, 150, 10_000]),
    connectionTimeoutMillis: random.pick([300, 800, 3_000]),
    // Without a deadline a statement waits for ever on a connection that has gone deaf: that is what was asked for.
    queryTimeoutMs: random.pick(isCalm ? [0, 400, 2_000] : [400, 2_000]),
    prepare: random.pick(["auto", "auto", "on", "off"]),
    hasSession: random.chance(0.3),
    hook: random.weighted([
      [7, "none"],
      [2, "sets"],
      [1, "throws"],
      [1, "hangs"],
    ] as const),
    isGerman: random.chance(0.2),
    latencyMs: random.pick([0.2, 1, 5]),
  };
}

function interruption(random: Random): Interruption {
  return random.weighted<Interruption>([
    [6, {}],
    [1, { limitMs: random.pick([5, 20, 60]) }],
    [1, { abortMs: random.pick([0, 3, 15, 60]) }],
  ]);
}

function parts(random: Random): Part[] {
  return Array.from({ length: random.between(1, 4) }, () =>
    random.weighted<Part>([
      [6, { text: "write" }],
      [2, { text: "read" }],
      [1, { text: "violation" }],
      [1, { text: "conflict" }],
      [1, { text: "refusedAtCommit" }],
      [1, { text: "slowWrite", ms: random.between(1, 40) }],
      [1, { text: "lateWrite", ms: random.pick([5, 30, 600]) }],
      [2, { text: "pause", ms: random.pick([1, 10, 60]) }],
    ]),
  );
}

function taints(random: Random): Taint[] {
  const names = Object.keys(TAINTS) as Taint[];
  return Array.from({ length: random.between(0, 2) }, () => random.pick(names));
}

function operation(random: Random): Operation {
  const pauseMs = random.weighted([
    [5, 0],
    [3, random.between(1, 8)],
    [2, random.between(10, 80)],
    [1, random.pick([300, 1_200])],
  ] as const);
  const isScoped = random.chance(0.5);
  const make = random.weighted<() => Operation>([
    [
      12,
      () => ({
        pauseMs,
        do: "read",
        text: random.pick(READS),
        isScoped,
        isNamed: random.chance(0.2),
        ...interruption(random),
      }),
    ],
    [4, () => ({ pauseMs, do: "slowRead", ms: random.between(1, 80), isScoped, ...interruption(random) })],
    [
      14,
      () => ({
        pauseMs,
        do: "write",
        text: random.weighted([
          [6, "write"],
          [2, "slowWrite"],
          [2, "lateWrite"],
        ] as const),
        ms: random.between(1, 60),
        isScoped,
        ...interruption(random),
      }),
    ],
    [3, () => ({ pauseMs, do: "violation", isScoped })],
    [
      12,
      () => ({
        pauseMs,
        do: "transaction",
        parts: parts(random),
        isScoped,
        swallows: random.chance(0.2),
        throws: random.chance(0.1),
      }),
    ],
    [4, () => ({ pauseMs, do: "manual", parts: parts(random) })],
    [
      9,
      () => ({
        pauseMs,
        do: "taint",
        taints: taints(random),
        how: random.weighted([
          [6, "clean"],
          [1, "error"],
          [1, "destroy"],
        ] as const),
        leavesRunning: random.chance(0.1),
      }),
    ],
    [3, () => ({ pauseMs, do: "caughtError" })],
    [
      4,
      () => ({
        pauseMs,
        do: "hold",
        ms: random.pick([5, 50, 400, 1_500]),
        abortMs: random.chance(0.3) ? random.pick([0, 5, 50]) : undefined,
        timeoutMs: random.chance(0.3) ? random.pick([5, 50, 200]) : undefined,
      }),
    ],
    [
      5,
      () => ({
        pauseMs,
        do: "retry",
        writes: random.between(1, 3),
        isTransaction: random.chance(0.5),
        hasConflict: random.chance(0.3),
        isIdempotent: random.chance(0.3),
        holdsBetweenMs: random.chance(0.3) ? random.pick([5, 50]) : 0,
      }),
    ],
    [2, () => ({ pauseMs, do: "inOrder", count: random.between(2, 4) })],
    [1, () => ({ pauseMs, do: "resize", max: random.between(1, 4), min: 0 })],
    [1, () => ({ pauseMs, do: random.pick(["drain", "warmUp"] as const) })],
  ]);
  return make();
}

function fault(random: Random): Fault {
  const kind = random.weighted<() => FaultKind>([
    [5, () => ({ do: "cut", when: random.pick(["before", "after"]), how: random.pick(["end", "reset"]) })],
    [
      4,
      () => ({
        do: "fatal",
        when: random.pick(["before", "after"]),
        code: random.pick(["57P01", "08P01", "57P02", "25P03", "XX000"]),
      }),
    ],
    [3, () => ({ do: "error", code: random.pick(["40001", "40P01", "53100", "55P03", "25006", "53200"]) })],
    [3, () => ({ do: "slow", ms: random.pick([5, 60, 700, 2_500]) })],
    [
      3,
      () => ({
        do: "deaf",
        ms: random.pick([20, 300, 1_500, 4_000]),
        side: random.pick(["client", "server", "both"]),
      }),
    ],
    [2, () => ({ do: "blackhole" })],
    [1, () => ({ do: "blackholeAll" })],
    [
      1,
      () => ({
        do: "restart",
        isCrash: random.chance(0.5),
        downMs: random.pick([0, 100, 800]),
        startingMs: random.pick([0, 100, 500]),
      }),
    ],
    [1, () => ({ do: "refuse", ms: random.pick([50, 500]) })],
    [1, () => ({ do: "full", ms: random.pick([50, 500, 1_500]) })],
    [1, () => ({ do: "slowStart", ms: random.pick([20, 200, 1_200]), forMs: random.pick([100, 1_000]) })],
    [1, () => ({ do: "hang", count: random.between(1, 2) })],
    [1, () => ({ do: "lateCancel", ms: random.pick([5, 100, 700, 1_500]), forMs: 3_000 })],
    [3, () => ({ do: "block", ms: random.pick([30, 400, 900, 2_500]) })],
    [1, () => ({ do: "suspend", ms: random.pick([500, 5_000, 60_000]) })],
    [1, () => ({ do: "forget" })],
    [1, () => ({ do: "alter" })],
  ])();
  const at: Moment = random.chance(0.25)
    ? { atMs: random.between(0, 1_500) }
    : {
        after: random.between(0, 350),
        on: random.weighted([
          [4, "any"],
          [3, "commit"],
          [2, "sync"],
          [4, "statement"],
          [1, "startup"],
        ] as const),
      };
  return { ...kind, at };
}
