import { PoolConfigError } from "../errors/errors.ts";
import {
  type ConnectionOptions,
  type Environment,
  poolOptionsOf,
  type ReadConnection,
  readConnection,
  readTlsSettings,
  withPasswordFile,
} from "./connection-options.ts";
import { oneOf, quote, wholeNumber } from "./fault-messages.ts";
import {
  DEFAULT_MAX,
  defaultOptions,
  NUMERIC_OPTIONS,
  type NumericOption,
  OPTION_BOUNDS,
  POOLER_MODES,
  type PoolOptions,
  PREPARE_MODES,
} from "./options.ts";

export interface DatabaseConfig {
  readonly mode: "pool" | "single-client";
  /** For the pool: discrete connection options, `ssl` always explicit, never a connection string. */
  readonly options: PoolOptions & ConnectionOptions;
  /** DATABASE_URL_OWNER, or DATABASE_URL where it is not set. */
  readonly ownerUrl: string;
  /** pg's options for `ownerUrl`, TLS decided. */
  readonly owner: ConnectionOptions;
  /** Of a small pool at DATABASE_URL_DIRECT, the server itself, for what needs a session where DATABASE_URL leads to a pooler. */
  readonly direct?: (PoolOptions & ConnectionOptions) | undefined;
  /** Of the pools at DATABASE_URL_REPLICAS, one each. Empty without any. */
  readonly replicas: readonly (PoolOptions & ConnectionOptions)[];
  /** How long the server goes on after a stop signal, in milliseconds. */
  readonly drainMs: number;
  /** `DB_POOL_MAX=auto`: `options.max` is what the pool begins with, and `AutoPoolSize` changes it. */
  readonly sizesItself?: true;
  /** To be logged once at start. */
  readonly warnings: readonly string[];
}

interface Variable {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly unit: "" | "milliseconds";
  /** What may stand in the place of a number. */
  readonly word?: string;
}

const variable = (name: string, option: NumericOption, bounds: Partial<Variable> = {}): Variable => ({
  name,
  ...OPTION_BOUNDS[option],
  unit: name.endsWith("_MS") ? "milliseconds" : "",
  ...bounds,
});

const POOL_VARIABLES: Record<NumericOption, Variable> = {
  max: /* @__PURE__ */ variable("DB_POOL_MAX", "max", { word: "auto" }),
  min: /* @__PURE__ */ variable("DB_POOL_MIN", "min"),
  idleTimeoutMillis: /* @__PURE__ */ variable("DB_POOL_IDLE_MS", "idleTimeoutMillis"),
  // Below 100 ms somebody meant seconds, and above 10 minutes nobody is waiting any more.
  connectionTimeoutMillis: /* @__PURE__ */ variable("DB_POOL_CONN_TIMEOUT_MS", "connectionTimeoutMillis", {
    min: 100,
    max: 600_000,
  }),
  maxWaiting: /* @__PURE__ */ variable("DB_POOL_MAX_WAITING", "maxWaiting"),
  maxLifetimeMs: /* @__PURE__ */ variable("DB_POOL_MAX_LIFETIME_MS", "maxLifetimeMs"),
  leakThresholdMs: /* @__PURE__ */ variable("DB_POOL_LEAK_MS", "leakThresholdMs"),
  queryTimeoutMs: /* @__PURE__ */ variable("DB_QUERY_TIMEOUT_MS", "queryTimeoutMs"),
  slowQueryMs: /* @__PURE__ */ variable("DB_SLOW_QUERY_MS", "slowQueryMs"),
};

/** Few need a session of their own, and each connection to the server itself is one of those that the pooler is to spare. */
const DIRECT_MAX = 4;
/** How long a read waits for a replica's connection, in milliseconds, before it goes to the primary. */
const REPLICA_WAIT_MS = 1_000;
/** Between two URLs: a comma within one stands between hosts. */
const NEXT_URL = /,\s*(?=[a-z][a-z0-9+.-]*:\/\/)/i;
/** What a variable begins with that is meant for us. */
const OURS = /^DB_(POOL|POOLER|QUERY|SLOW|DRAIN|PREPARE)(_|$)/;
const DRAIN: Variable = { name: "DB_DRAIN_MS", min: 0, max: 20_000, unit: "milliseconds" };

/**
 * Reads the settings of the database from environment variables.
 *
 * @throws {PoolConfigError} with every fault of every variable, the URLs included; no fault shows a password.
 */
export function readSettings(env: Environment): DatabaseConfig {
  const faults: string[] = [];
  const { tls, faults: tlsFaults } = readTlsSettings(env);
  const app = withPasswordFile(
    readConnection(env.DATABASE_URL, "DATABASE_URL", tls),
    env.DATABASE_PASSWORD_FILE,
  );
  const ownUrl = env.DATABASE_URL_OWNER !== undefined;
  const owner = ownUrl ? readConnection(env.DATABASE_URL_OWNER, "DATABASE_URL_OWNER", tls) : app;
  const direct = readDirect(env, tls);
  const replicas = readReplicas(env, tls);
  faults.push(...app.faults, ...(ownUrl ? owner.faults : []), ...(direct?.faults ?? []));
  faults.push(...replicas.flatMap((each) => each.faults), ...tlsFaults);

  const {
    prepare: prepareByUrl = "auto",
    pooler: poolerByUrl = "auto",
    ...numbersByUrl
  } = app.url === undefined ? {} : poolOptionsOf(app.url);
  const sizesItself = env.DB_POOL_MAX === POOL_VARIABLES.max.word;
  const numbers = readNumbers(env, faults, numbersByUrl, sizesItself);
  const drainMs = readNumber(env, DRAIN, env.NODE_ENV === "production" ? 5_000 : 0, faults);
  const prepare = readChoice(env, "DB_PREPARE", PREPARE_MODES, "auto", faults);
  const pooler = readChoice(env, "DB_POOLER", POOLER_MODES, "auto", faults);
  const single = readChoice(env, "DB_USE_SINGLE_CLIENT", ["true", "false"], "false", faults);

  const ownerUrl = env.DATABASE_URL_OWNER ?? env.DATABASE_URL;
  if (faults.length > 0 || !app.options || !owner.options || ownerUrl === undefined) {
    throw new PoolConfigError(faults);
  }
  // Two roles of one server need to be warned about once.
  const ownerWarnings = app.options.host === owner.options.host ? [] : owner.warnings;
  return Object.freeze({
    mode: single === "true" ? "single-client" : "pool",
    options: Object.freeze({
      ...app.options,
      ...numbers,
      ...(sizesItself && { max: Math.min(OPTION_BOUNDS.max.max, numbers.min + 1) }),
      prepare: prepare === "auto" ? (pooler === "transaction" ? "off" : prepareByUrl) : prepare,
      pooler: pooler === "auto" ? poolerByUrl : pooler,
    }),
    ownerUrl,
    owner: Object.freeze(owner.options),
    ...(direct?.options !== undefined && {
      direct: Object.freeze({
        ...direct.options,
        ...numbers,
        min: 0,
        max: Math.min(DIRECT_MAX, numbers.max),
        prepare,
        pooler: "auto" as const,
      }),
    }),
    replicas: Object.freeze(
      replicas.flatMap(({ options }) => {
        if (options === undefined) return [];
        const connectionTimeoutMillis = Math.min(REPLICA_WAIT_MS, numbers.connectionTimeoutMillis);
        return Object.freeze({
          ...options,
          ...numbers,
          connectionTimeoutMillis,
          prepare,
          pooler: "auto" as const,
        });
      }),
    ),
    drainMs,
    ...(sizesItself && { sizesItself }),
    warnings: Object.freeze([...app.warnings, ...ownerWarnings, ...misspelt(env)]),
  });
}

function readReplicas(env: Environment, tls: ReturnType<typeof readTlsSettings>["tls"]) {
  const name = "DATABASE_URL_REPLICAS";
  const text = env[name];
  if (text === undefined) return [];
  const urls = text.split(NEXT_URL);
  const read: ReadConnection[] = urls.map((url, index) => {
    const replica = readConnection(url.trim(), urls.length === 1 ? name : `${name}, URL ${index + 1},`, tls);
    if (replica.options?.password !== undefined || !env.DATABASE_PASSWORD_FILE) return replica;
    return { ...withPasswordFile(replica, env.DATABASE_PASSWORD_FILE), faults: replica.faults };
  });
  const places = read.flatMap(({ options }) => (options ? [`${options.host}:${options.port}`] : []));
  const repeated = places.find((place, index) => places.indexOf(place) !== index);
  if (repeated === undefined) return read;
  return [...read, { faults: [`${name} names ${repeated} twice; each replica is named once`], warnings: [] }];
}

function readDirect(env: Environment, tls: ReturnType<typeof readTlsSettings>["tls"]) {
  if (env.DATABASE_URL_DIRECT === undefined) return undefined;
  const direct = readConnection(env.DATABASE_URL_DIRECT, "DATABASE_URL_DIRECT", tls);
  // The file's faults are told of DATABASE_URL already.
  if (direct.options?.password !== undefined || !env.DATABASE_PASSWORD_FILE) return direct;
  return { ...withPasswordFile(direct, env.DATABASE_PASSWORD_FILE), faults: direct.faults };
}

/**
 * The pool's numbers. Where a variable is not set, the URL may speak; where it does not, the default holds. A pool that sizes itself
 * has the default's, but that its minimum may be more.
 */
function readNumbers(
  env: Environment,
  faults: string[],
  fromUrl: Partial<Record<NumericOption, number | undefined>>,
  sizesItself: boolean,
) {
  const before = faults.length;
  const byDefault = fromUrl.max ?? DEFAULT_MAX;
  const max = sizesItself ? DEFAULT_MAX : readNumber(env, POOL_VARIABLES.max, byDefault, faults);
  const maxIsKnown = faults.length === before;
  const numbers = defaultOptions(max);
  for (const option of NUMERIC_OPTIONS) {
    if (option === "max") continue;
    numbers[option] = readNumber(env, POOL_VARIABLES[option], fromUrl[option] ?? numbers[option], faults);
  }
  if (sizesItself) numbers.max = Math.max(max, numbers.min);
  if (maxIsKnown && numbers.min > numbers.max) {
    const from =
      env.DB_POOL_MAX !== undefined
        ? ""
        : fromUrl.max
          ? ", connection_limit in DATABASE_URL"
          : ", its default";
    faults.push(
      `DB_POOL_MIN is ${numbers.min}; it must not exceed DB_POOL_MAX (${numbers.max}${from}), for example DB_POOL_MIN=${Math.min(2, numbers.max)}`,
    );
  }
  return numbers;
}

function readNumber(
  env: Environment,
  { name, min, max, unit, word }: Variable,
  byDefault: number,
  faults: string[],
): number {
  const text = env[name];
  if (text === undefined) return byDefault;
  const number = wholeNumber(text, min, max);
  if (number !== undefined) return number;
  const right = `a whole number ${unit && `of ${unit} `}${word ? `(or ${word}) ` : ""}from ${min} to ${max}, for example ${name}=${byDefault}`;
  faults.push(
    text === ""
      ? `${name} is empty; remove it or give ${right}`
      : `${name} is ${quote(text)}; it must be ${right}`,
  );
  return byDefault;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  values: readonly T[],
  byDefault: T,
  faults: string[],
): T {
  const text = env[name];
  if (text === undefined) return byDefault;
  const known = values.find((value) => value === text);
  if (known !== undefined) return known;
  const right = `${oneOf(values)}, for example ${name}=${byDefault}`;
  faults.push(
    text === ""
      ? `${name} is empty; remove it or give ${right}`
      : `${name} is ${quote(text)}; it must be ${right}`,
  );
  return byDefault;
}

/** A misspelt variable is not a fault, since others may own the name, but it would be missed for long. */
function misspelt(env: Environment): string[] {
  const known = new Set([
    ...Object.values(POOL_VARIABLES).map(({ name }) => name),
    DRAIN.name,
    "DB_PREPARE",
    "DB_POOLER",
  ]);
  return Object.keys(env)
    .filter((name) => OURS.test(name) && env[name] !== undefined && !known.has(name))
    .map((name) => `${name} is not a setting and has no effect; known are ${[...known].join(", ")}`);
}
