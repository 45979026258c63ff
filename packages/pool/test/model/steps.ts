import fc from "fast-check";

/** What a holder, or the pool itself, is asked to run. `mark` changes the session, `sleep` takes 30 ms. */
export type Statement = "select" | "fail" | "sleep" | "begin" | "mark";

export type Return = "clean" | "error" | "destroy";

/**
 * What may happen to a pool. `which` chooses among what there is at that moment; where there is nothing, nothing happens.
 * Steps follow each other within one turn of the event loop but for `pass`, `kill`, `accept`, and those that say `waits`:
 * the next one comes when this one is answered, or has not been for a while.
 */
export type Step =
  | {
      readonly do: "acquire";
      readonly timeoutMs: number;
      readonly looks: boolean;
      readonly waits: boolean;
    }
  | { readonly do: "query"; readonly statement: "select" | "fail" | "sleep" }
  | { readonly do: "run"; readonly which: number; readonly statement: Statement; readonly waits: boolean }
  | { readonly do: "release"; readonly which: number; readonly how: Return }
  | { readonly do: "abort" | "kill"; readonly which: number }
  | { readonly do: "delay" | "pass"; readonly ms: number }
  | { readonly do: "resize"; readonly max: number; readonly min: number }
  | { readonly do: "end"; readonly timeoutMs: number }
  | { readonly do: "cut" | "refuse" | "accept" | "deafen" | "hear" | "drain" | "warmUp" };

/** The options of a pool. */
export interface ModelOptions {
  readonly max: number;
  readonly maxWaiting: number;
  readonly maxUses: number;
  /** Whether each new connection runs a statement first. */
  readonly hook: boolean;
}

/** Plain objects, as they read best in a failure. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

export const modelOptions: fc.Arbitrary<ModelOptions> = record({
  max: fc.integer({ min: 1, max: 4 }),
  maxWaiting: fc.integer({ min: 1, max: 8 }),
  maxUses: fc.constantFrom(2, 1_000),
  hook: fc.boolean(),
});

const which = fc.nat(7);

/** Steps that need saying no more. The network is broken less often than mended. */
const BARE = ["cut", "refuse", "accept", "accept", "deafen", "hear", "hear", "drain", "warmUp"] as const;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: record({
      do: fc.constant("acquire"),
      timeoutMs: fc.constantFrom(5, 50, 300),
      looks: fc.boolean(),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: record({
      do: fc.constant("query"),
      statement: fc.constantFrom("select", "fail", "sleep"),
    }),
  },
  {
    weight: 8,
    arbitrary: record({
      do: fc.constant("run"),
      which,
      statement: fc.constantFrom<Statement[]>("select", "fail", "sleep", "begin", "mark"),
      waits: fc.boolean(),
    }),
  },
  {
    weight: 10,
    arbitrary: record({
      do: fc.constant("release"),
      which,
      how: fc.constantFrom<Return[]>("clean", "clean", "error", "destroy"),
    }),
  },
  { weight: 4, arbitrary: record({ do: fc.constant("abort"), which }) },
  { weight: 2, arbitrary: record({ do: fc.constant("kill"), which }) },
  { weight: 10, arbitrary: record({ do: fc.constant("pass"), ms: fc.constantFrom(0, 0, 1, 5, 20) }) },
  { weight: 1, arbitrary: record({ do: fc.constant("delay"), ms: fc.constantFrom(0, 1, 10) }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.nat(2))
      .map(([max, min]) => ({ do: "resize" as const, max, min: Math.min(min, max) })),
  },
  { weight: 1, arbitrary: record({ do: fc.constant("end"), timeoutMs: fc.constantFrom(0, 20, 100) }) },
  { weight: BARE.length, arbitrary: record({ do: fc.constantFrom(...BARE) }) },
);

export const steps = fc.array(step, { minLength: 3, maxLength: 24, size: "max" });
