import { expect, test } from "vitest";
import { NUMERIC_OPTIONS, OPTION_BOUNDS, type PoolOptions, resolveConfig } from "../src/config/options.ts";
import { PoolConfigError } from "../src/errors/errors.ts";

/** Options that TypeScript refuses but JavaScript and parsed settings can hold. */
function untyped(options: Record<string, unknown>): PoolOptions {
  return options;
}

function faultsOf(options: PoolOptions): readonly string[] {
  try {
    resolveConfig(options);
  } catch (error) {
    if (error instanceof PoolConfigError) return error.faults;
    throw error;
  }
  return [];
}

test("an explicit undefined does not erase a default", () => {
  const defaults = resolveConfig({});
  const given = Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));
  expect(resolveConfig(untyped(given))).toEqual(defaults);
});

test.each<[PoolOptions, object]>([
  [{ max: 1 }, { max: 1, min: 1, maxWaiting: 10 }],
  [{ max: 50 }, { max: 50, min: 2, maxWaiting: 500 }],
  [{ idleTimeoutMillis: null }, { idleTimeoutMillis: 0 }],
  [{ maxLifetimeSeconds: 60 }, { maxLifetimeMs: 60_000 }],
  [{ maxUses: Number.POSITIVE_INFINITY }, { maxUses: Number.POSITIVE_INFINITY }],
  [{ statement_timeout: false }, { statement_timeout: false }],
])("what other pools allow is understood: %o resolves to %o", (options, expected) => {
  expect(resolveConfig(options)).toMatchObject(expected);
});

test.each(NUMERIC_OPTIONS.map((name) => [name]))("the option %s is held to its bounds", (name) => {
  const { min, max } = OPTION_BOUNDS[name];
  const rest = { ...(name === "min" ? { max: 1000 } : {}), ...(name === "max" ? { min: 0 } : {}) };
  for (const right of [min, max])
    expect(resolveConfig({ ...rest, [name]: right })).toHaveProperty(name, right);
  for (const wrong of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY, "5", "5s", true]) {
    const faults = faultsOf(untyped({ ...rest, [name]: wrong }));
    expect(faults[0], String(wrong)).toMatch(
      new RegExp(`^${name} must be a whole number from ${min} to ${max}, got "?${wrong}"?$`),
    );
  }
});

test.each(["port", "maxUses", "query_timeout"])("pg's own %s is checked where it is given", (name) => {
  expect(faultsOf(untyped({ [name]: 100 }))).toEqual([]);
  for (const wrong of [-1, 2 ** 31 + 0.5, "5s"]) {
    expect(faultsOf(untyped({ [name]: wrong }))[0]).toMatch(new RegExp(`^${name} must be a whole number`));
  }
});

test("waiting for ever is refused", () => {
  expect(faultsOf({ connectionTimeoutMillis: 0 })).toEqual([
    "connectionTimeoutMillis must be a whole number from 1 to 2147483647, got 0",
  ]);
});

test("an explicit min above max is a fault, also above the default max", () => {
  expect(faultsOf({ max: 3, min: 4 })).toEqual(["min (4) must not exceed max (3)"]);
  expect(faultsOf({ min: 21 })).toEqual(["min (21) must not exceed max (20)"]);
});

test("one lifetime is given in one unit", () => {
  expect(faultsOf({ maxLifetimeMs: 1000, maxLifetimeSeconds: 1 })).toHaveLength(1);
});

test("all faults come in one error, which is a PoolError with a code", () => {
  const wrong = untyped({ max: 0, min: -1, queryTimeoutMs: "5s", prepare: "yes", maxUses: 0 });
  expect(() => resolveConfig(wrong)).toThrow(expect.objectContaining({ code: "POOL_CONFIG" }));
  const faults = faultsOf(wrong);
  expect(faults.map((fault) => fault.split(" ")[0])).toEqual([
    "max",
    "min",
    "queryTimeoutMs",
    "maxUses",
    "prepare",
  ]);
  expect(faults.at(-1)).toBe('prepare must be auto, on or off, got "yes"');
});

test("the result is frozen and leaves the given options alone", () => {
  const options = Object.freeze({ max: 4 });
  const config = resolveConfig(options);
  expect(Object.isFrozen(config)).toBe(true);
  expect(options).toEqual({ max: 4 });
});
