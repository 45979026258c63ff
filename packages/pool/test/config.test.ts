import { Socket } from "node:net";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
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

test("a hook that is no function, and a session that is no object, are told at once", () => {
  const hooks = ["onConnect", "verify", "check", "log"];
  for (const name of hooks) {
    for (const wrong of [5, "x", {}])
      expect(faultsOf(untyped({ [name]: wrong }))[0]).toMatch(`${name} must be a function`);
    for (const none of [undefined, null, () => {}]) expect(faultsOf(untyped({ [name]: none }))).toEqual([]);
  }
  for (const wrong of [null, 5, "UTC"])
    expect(faultsOf(untyped({ session: wrong }))[0]).toMatch(/^session must be an object/);
});

test.each<[string, unknown[], unknown[]]>([
  ["stream", [5, "socket", {}], [() => new Socket(), new Socket()]],
  ["types", [5, {}, { getTypeParser: 5 }], [pg.types, { getTypeParser: () => String }]],
  ["Promise", [5, {}, "Promise"], [Promise, class extends Promise<void> {}]],
])("%s that pg could not call is told at once", (name, wrong, right) => {
  for (const each of wrong) expect(faultsOf(untyped({ [name]: each }))[0]).toMatch(`${name} must `);
  for (const each of [undefined, null, ...right]) expect(faultsOf(untyped({ [name]: each }))).toEqual([]);
});

test("waiting for ever is taken, with one warning a process", async () => {
  vi.resetModules(); // other tests of this process may have been warned, and their warnings be on their way
  const options = await import("../src/config/options.ts");
  await new Promise(setImmediate);
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on("warning", note);
  for (let i = 0; i < 3; i++) {
    const config = options.resolveConfig({ connectionTimeoutMillis: 0 });
    expect([config.connectionTimeoutMillis, options.waitLimitMs(config)]).toEqual([0, 2 ** 31 - 1]);
  }
  await new Promise(setImmediate);
  process.off("warning", note);
  expect(warnings).toEqual([expect.objectContaining({ name: "PoolWarning" })]);
  expect(warnings[0]?.message).toMatch(/^connectionTimeoutMillis is 0: .* waits for ever/);
});

test("a misspelt option is told with what was meant, once; one of pg's, and a client class's own, is not", async () => {
  const warnings: string[] = [];
  const note = ({ message }: Error) => void warnings.push(message);
  process.on("warning", note);
  for (let i = 0; i < 2; i++)
    resolveConfig(untyped({ maxx: 5, idleTimeoutMs: 1, colour: "red", replication: "database" }));
  resolveConfig(untyped({ quota: 5, Client: class {} }));
  resolveConfig({ ...resolveConfig({ max: 3 }) });
  await new Promise(setImmediate);
  process.off("warning", note);
  expect(warnings).toEqual([
    "maxx is not an option of the pool's and has no effect; did you mean max?",
    "idleTimeoutMs is not an option of the pool's and has no effect; did you mean idleTimeoutMillis?",
    "colour is not an option of the pool's and has no effect",
  ]);
});

test("TCP keepalive is on, and begins before networks forget a connection", () => {
  expect(resolveConfig({})).toMatchObject({ keepAlive: true, keepAliveInitialDelayMillis: 60_000 });
  expect(resolveConfig({ keepAlive: false })).toMatchObject({ keepAlive: false });
});

test("poolSize is another name for max", () => {
  expect(resolveConfig({ poolSize: 3 })).toMatchObject({ max: 3, min: 2, maxWaiting: 30 });
  expect(resolveConfig({ poolSize: 3, max: 1 })).toMatchObject({ max: 1, min: 1 });
  expect(faultsOf({ poolSize: -1 })).toHaveLength(1);
});

test("a Client that is no class is a fault", () => {
  expect(faultsOf(untyped({ Client: "pg" }))).toEqual([expect.stringMatching(/^Client must be a class/)]);
});

describe("a connection string", () => {
  const connectionString = "postgres://u:p@127.0.0.1:5433/d";

  test("is taken apart, so that what is made of a pool's options goes to the same server", () => {
    const config = resolveConfig({ connectionString, host: "elsewhere", max: 3 });
    expect(config).toMatchObject({ host: "127.0.0.1", port: 5433, user: "u", password: "p", database: "d" });
    expect(config).toMatchObject({ ssl: false, max: 3 });
    expect(config).not.toHaveProperty("connectionString");
  });

  test.each<[string, PoolOptions, object]>([
    ["?connection_limit=3&pool_timeout=7", {}, { max: 3, connectionTimeoutMillis: 7_000, prepare: "auto" }],
    ["?connection_limit=3&connect_timeout=7", { max: 5 }, { max: 5, connectionTimeoutMillis: 7_000 }],
    ["?connection_limit=1", {}, { max: 1, min: 1, maxWaiting: 10 }],
    ["?pgbouncer=true", {}, { prepare: "off", pooler: "transaction" }],
    ["?pgbouncer=true", { pooler: "session" }, { pooler: "session" }],
    ["", { pooler: "transaction" }, { prepare: "off", pooler: "transaction" }],
    ["?pgbouncer=true", { prepare: "auto" }, { prepare: "off" }],
    ["?pgbouncer=true", { prepare: "on" }, { prepare: "on" }],
    ["?application_name=a%20b&statement_timeout=5", {}, { application_name: "a b", statement_timeout: 5 }],
    ["?sslmode=no-verify", { ssl: false }, { ssl: { rejectUnauthorized: false } }],
    ["", { ssl: { rejectUnauthorized: false } }, { ssl: { rejectUnauthorized: false } }],
  ])("means %s with %o what DATABASE_URL and the variables mean", (query, options, expected) => {
    const config = resolveConfig({ connectionString: `${connectionString}${query}`, ...options });
    expect(config).toMatchObject(expected);
  });

  test("without a password leaves the option's", () => {
    const config = resolveConfig({ connectionString: "postgres://u@127.0.0.1/d", password: "mine" });
    expect(config.password).toBe("mine");
  });

  test("that is wrong is a fault beside the others, and shows no password", () => {
    const faults = faultsOf({ connectionString: "postgres://u:s3cret@h/d?no_such=1", max: 0 });
    expect(faults).toEqual([
      expect.stringMatching(/^connectionString has a fault in its query: parameter "no_such" is not known/),
      expect.stringMatching(/^max must/),
    ]);
    expect(faults.join()).not.toContain("s3cret");
  });

  test("an empty one counts as none, as in pg", () => {
    expect(resolveConfig({ connectionString: "" })).toMatchObject({ max: 20 });
  });
});

test("a pooler that keeps no named statements is known by its address, however that is given", () => {
  const host = "aws-0-eu.pooler.supabase.com";
  expect(resolveConfig({ host, port: 6543 }).prepare).toBe("off");
  expect(resolveConfig({ host, port: 5432 }).prepare).toBe("auto");
});

test("an explicit min above max is a fault, also above the default max", () => {
  expect(faultsOf({ max: 3, min: 4 })).toEqual(["min (4) must not exceed max (3)"]);
  expect(faultsOf({ min: 21 })).toEqual(["min (21) must not exceed max (20)"]);
});

test("one lifetime is given in one unit", () => {
  expect(faultsOf({ maxLifetimeMs: 1000, maxLifetimeSeconds: 2 })).toHaveLength(1);
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

test("pg's query_timeout is the deadline of a statement, and pipeline is refused", () => {
  expect(resolveConfig({ query_timeout: 300 })).toMatchObject({ queryTimeoutMs: 300 });
  expect(resolveConfig({ query_timeout: 300 })).not.toHaveProperty("query_timeout");
  expect(resolveConfig({ query_timeout: 0 })).toMatchObject({ queryTimeoutMs: 0 });
  expect(() => resolveConfig({ query_timeout: 300, queryTimeoutMs: 200 })).toThrow("say the same thing");
  expect(() => resolveConfig({ pipeline: true } as object)).toThrow("pipeline must be off, got true");
});
