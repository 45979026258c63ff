import type pg from "pg";
import { MAX_TIMER_MS } from "../async/timer.ts";
import { PoolConfigError } from "../errors/errors.ts";
import type { LogContext } from "../telemetry/limited-log.ts";
import type { Logger } from "../telemetry/logger.ts";
import { readConnectionString } from "./connection-options.ts";
import { oneOf, quote } from "./fault-messages.ts";
import { forgetsStatements } from "./host-kind.ts";
import { passwordFileFault, passwordFrom } from "./password-file.ts";
import { type HostsOptions, hostName, LOAD_BALANCE_HOSTS, TARGET_SESSION_ATTRS } from "./session-target.ts";
import type { SignInOptions } from "./sign-in.ts";
import { unknownOptions } from "./unknown-options.ts";
import { warnOnce } from "./warn-once.ts";

/** `auto`: named statements until it turns out that a pooler does not keep them. `on` and `off` overrule that. */
export const PREPARE_MODES = ["auto", "on", "off"] as const;
export type PrepareMode = (typeof PREPARE_MODES)[number];

/**
 * What stands in front of the server. `auto`: where a pooler is found, it counts as one in transaction mode, which gives each
 * transaction another session.
 */
export const POOLER_MODES = ["auto", "none", "session", "transaction"] as const;
export type PoolerMode = (typeof POOLER_MODES)[number];

/**
 * What this pool adds to `pg.PoolConfig`; pg's own names keep their meaning.
 * Here `max` is 20, `min` 2, `idleTimeoutMillis` 30_000 (0 = never closed) and `connectionTimeoutMillis` 5_000
 * by default; the last one is a deadline for the whole acquire, and 0 (for ever) is warned of. Idle connections keep no process
 * running, but where `allowExitOnIdle` is false. TCP keepalive is on, from a minute of silence on.
 */
export interface PoolOptions extends pg.PoolConfig, SignInOptions, HostsOptions {
  /**
   * A file that holds the password: read at each sign-in, and again after one that was refused, so that a password may be rotated
   * under a running process.
   */
  passwordFile?: string | undefined;
  /** Another name of pg-pool's for `max`, which counts before it. */
  poolSize?: number;
  /** Most callers that may wait for a connection; the next one fails at once. Minimum 1. @default 10 x max */
  maxWaiting?: number;
  /** Age in milliseconds at which a connection is retired. 0 = off. @default 1_800_000 (30 min) */
  maxLifetimeMs?: number;
  /** Milliseconds checked out after which a connection is reported as leaked. 0 = off. @default 0 */
  leakThresholdMs?: number;
  /** Deadline of one statement in milliseconds. 0 = off. @default 30_000 */
  queryTimeoutMs?: number;
  /** Milliseconds from which a statement is logged as slow. 0 = off. @default 200 */
  slowQueryMs?: number;
  /** Automatic named statements. @default "auto" */
  prepare?: PrepareMode;
  /** The pooler in between. In transaction mode what needs a session is refused, and names are off unless `prepare` is "on". @default "auto" */
  pooler?: PoolerMode;
  /**
   * Settings of every session, such as `{ TimeZone: "UTC" }`: made when a connection opens, and again in the packet of each
   * reset. Any statement may be an `onConnect` hook's, which runs once more after each reset instead.
   */
  session?: Readonly<Record<string, string>>;
  /** Looks at each new connection, once: one at which it throws serves nobody. */
  check?: (client: pg.PoolClient) => unknown;
  /**
   * Functions of your own that leave nothing behind in a session, as the catalog has their names: `price_of`, `shop.price_of`.
   * After a statement that calls any other the session is reset. What triggers, views and defaults do is trusted.
   */
  safeFunctions?: readonly string[];
  /** Where warnings and slow statements go. */
  logger?: Logger;
  /** Tells this pool's lines in the log from another's. @default "pool" */
  poolName?: string;
  /**
   * Which route of yours the running code answers, as a pattern such as `/orders/[id]`: asked at each acquire, so that statements
   * are counted by route. Of more than 64 the rest is `other`.
   */
  route?: () => string | undefined;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Bounds of the options that always have a value; `DB_*` variables share them. */
export const OPTION_BOUNDS = {
  max: { min: 1, max: 1000 },
  min: { min: 0, max: 1000 },
  idleTimeoutMillis: { min: 0, max: MAX_TIMER_MS },
  connectionTimeoutMillis: { min: 0, max: MAX_TIMER_MS },
  maxWaiting: { min: 1, max: 1_000_000 },
  maxLifetimeMs: { min: 0, max: MAX_TIMER_MS },
  leakThresholdMs: { min: 0, max: MAX_TIMER_MS },
  queryTimeoutMs: { min: 0, max: MAX_TIMER_MS },
  slowQueryMs: { min: 0, max: MAX_TIMER_MS },
} as const satisfies Record<string, Bounds>;

/** Bounds of pg's options that are checked where they are given. */
const GIVEN_BOUNDS = {
  port: { min: 1, max: 65_535 },
  maxUses: { min: 1, max: Number.POSITIVE_INFINITY },
  maxLifetimeSeconds: { min: 0, max: Math.floor(MAX_TIMER_MS / 1000) },
  query_timeout: { min: 0, max: MAX_TIMER_MS },
  statement_timeout: { min: 0, max: MAX_TIMER_MS },
  lock_timeout: { min: 0, max: MAX_TIMER_MS },
  idle_in_transaction_session_timeout: { min: 0, max: MAX_TIMER_MS },
  keepAliveInitialDelayMillis: { min: 0, max: MAX_TIMER_MS },
} as const satisfies Partial<Record<keyof pg.PoolConfig, Bounds>>;

export type NumericOption = keyof typeof OPTION_BOUNDS;

/** Options with every default filled in. `maxLifetimeMs` stands for pg's `maxLifetimeSeconds` too, `queryTimeoutMs` for its `query_timeout`. */
export type ResolvedPoolOptions = Readonly<
  Omit<
    PoolOptions,
    NumericOption | "prepare" | "pooler" | "maxLifetimeSeconds" | "connectionString" | "poolSize"
  > &
    Record<NumericOption, number> & { prepare: PrepareMode; pooler: PoolerMode }
>;

/** The defaults that follow from the other options given. */
export function defaultOptions(max: number): Record<NumericOption, number> {
  return {
    max,
    min: Math.min(2, max),
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    maxWaiting: 10 * max,
    maxLifetimeMs: 1_800_000,
    leakThresholdMs: 0,
    queryTimeoutMs: 30_000,
    slowQueryMs: 200,
  };
}

export const DEFAULT_MAX = 20;

/** Options of pg that its types do not have. */
type Untyped = "binary" | "replication" | "scramMaxIterations" | "servername" | "connection";

/** Every option that has an effect, or had one in some version of pg's. */
const KNOWN = {
  user: true,
  database: true,
  password: true,
  port: true,
  host: true,
  connectionString: true,
  keepAlive: true,
  stream: true,
  statement_timeout: true,
  ssl: true,
  enableChannelBinding: true,
  sslnegotiation: true,
  query_timeout: true,
  lock_timeout: true,
  keepAliveInitialDelayMillis: true,
  idle_in_transaction_session_timeout: true,
  application_name: true,
  fallback_application_name: true,
  connectionTimeoutMillis: true,
  types: true,
  options: true,
  client_encoding: true,
  pipeline: true,
  binary: true,
  replication: true,
  scramMaxIterations: true,
  servername: true,
  connection: true,
  max: true,
  min: true,
  idleTimeoutMillis: true,
  log: true,
  Promise: true,
  allowExitOnIdle: true,
  maxUses: true,
  maxLifetimeSeconds: true,
  Client: true,
  onConnect: true,
  verify: true,
  poolSize: true,
  requireChannelBinding: true,
  hosts: true,
  targetSessionAttrs: true,
  loadBalanceHosts: true,
  maxWaiting: true,
  maxLifetimeMs: true,
  leakThresholdMs: true,
  queryTimeoutMs: true,
  slowQueryMs: true,
  prepare: true,
  pooler: true,
  session: true,
  check: true,
  safeFunctions: true,
  logger: true,
  poolName: true,
  passwordFile: true,
  route: true,
} satisfies Record<keyof PoolOptions | Untyped, true>;

/** What holds here where pg's own options do not say. */
const PG_DEFAULTS = {
  maxUses: Number.POSITIVE_INFINITY,
  allowExitOnIdle: true,
};

/** Networks forget a connection after some four minutes of silence; the operating system would ask after two hours. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 60_000 };

/** How long a caller waits for a connection; one without a deadline for as long as a timer can run. */
export function waitLimitMs({ connectionTimeoutMillis }: { connectionTimeoutMillis: number }): number {
  return connectionTimeoutMillis === 0 ? MAX_TIMER_MS : connectionTimeoutMillis;
}

/** Whose lines the log's are. */
export function logContext(
  { poolName = "pool", host, port, database, hosts = [] }: ResolvedPoolOptions,
  mode: LogContext["mode"],
): LogContext {
  if (hosts.length > 1)
    return { poolName, mode, host: hosts.map(hostName).join(","), port: undefined, database };
  return { poolName, mode, host, port, database };
}

function optionNames<T extends object>(bounds: T): (keyof T & string)[] {
  const names: (keyof T & string)[] = [];
  for (const name in bounds) names.push(name);
  return names;
}

export const NUMERIC_OPTIONS: readonly NumericOption[] = /* @__PURE__ */ optionNames(OPTION_BOUNDS);

function boundsFault(name: string, value: unknown, { min, max }: Bounds): string | undefined {
  const whole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (typeof value === "number" && whole && value >= min && value <= max) return undefined;
  const range = Number.isFinite(max) ? `from ${min} to ${max}` : `of at least ${min}`;
  return `${name} must be a whole number ${range}, got ${quote(value)}`;
}

/** pg sends statements together then, and a cancel request ends whichever of them runs. */
export function pipelineFault(options: object): string | undefined {
  if (!("pipeline" in options) || !options.pipeline) return undefined;
  return `pipeline must be off, got ${quote(options.pipeline)}: a deadline or a signal would cancel another statement than its own`;
}

/** A name of one or more identifiers (https://www.postgresql.org/docs/current/config-setting.html). */
const SETTING_NAME = /^[a-z_][\w$]*(\.[a-z_][\w$]*)*$/i;

/** Called later, when a connection opens, is checked out or answers: nobody could say any more whose mistake it was. */
const HOOKS = ["onConnect", "verify", "check", "log", "Promise"] as const;

function hasMethod(value: unknown, name: string): boolean {
  return typeof Reflect.get(Object(value), name) === "function";
}

function sessionFault(name: string, value: unknown): string | undefined {
  if (!SETTING_NAME.test(name))
    return `session: ${quote(name)} is not the name of a setting, such as TimeZone`;
  if (typeof value === "string" && !value.includes("\0")) return undefined;
  return `session: ${name} must be a string, got ${quote(value)}`;
}

function hostsFaults({ hosts, targetSessionAttrs, loadBalanceHosts }: HostsOptions): string[] {
  const faults: string[] = [];
  if (hosts !== undefined) {
    if (!Array.isArray(hosts) || hosts.length === 0) faults.push("hosts must be a list of at least one host");
    else
      for (const each of hosts as Partial<NonNullable<HostsOptions["hosts"]>[number]>[]) {
        if (typeof each?.host !== "string" || each.host === "") faults.push("hosts: each needs a host");
        const fault = boundsFault("hosts: port", each?.port, GIVEN_BOUNDS.port);
        if (fault !== undefined) faults.push(fault);
      }
  }
  if (targetSessionAttrs !== undefined && !TARGET_SESSION_ATTRS.includes(targetSessionAttrs))
    faults.push(
      `targetSessionAttrs must be ${oneOf(TARGET_SESSION_ATTRS)}, got ${quote(targetSessionAttrs)}`,
    );
  if (loadBalanceHosts !== undefined && !LOAD_BALANCE_HOSTS.includes(loadBalanceHosts))
    faults.push(`loadBalanceHosts must be ${oneOf(LOAD_BALANCE_HOSTS)}, got ${quote(loadBalanceHosts)}`);
  return faults;
}

/** Takes a connection string apart. As in pg it counts before what stands beside it, but for the pool's own options. */
function takeApart(options: PoolOptions): {
  given: Omit<PoolOptions, "connectionString" | "poolSize">;
  faults: readonly string[];
  warnings: readonly string[];
} {
  const { connectionString, poolSize, max = poolSize, ...given } = options;
  const own = max === undefined ? given : { ...given, max };
  if (!connectionString) return { given: own, faults: [], warnings: [] };
  const { connection, pool, faults, warnings } = readConnectionString(connectionString, own.ssl);
  const prepare = own.prepare === undefined || own.prepare === "auto" ? pool.prepare : undefined;
  const pooler = own.pooler === undefined || own.pooler === "auto" ? pool.pooler : undefined;
  const byUrl = definedOf({ max: pool.max, connectionTimeoutMillis: pool.connectionTimeoutMillis });
  return {
    given: { ...byUrl, ...definedOf(own), ...connection, ...definedOf({ prepare, pooler }) },
    faults,
    warnings,
  };
}

function definedOf<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const defined = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/**
 * Fills in the defaults and checks the bounds. Reports every fault at once, because each one found later costs a
 * deploy. The result is frozen; it holds the password, so it is not for logs.
 *
 * @throws {PoolConfigError} listing the options that are out of bounds.
 */
export function resolveConfig(options: PoolOptions): ResolvedPoolOptions {
  const { given: all, faults: urlFaults, warnings } = takeApart(options);
  const { maxLifetimeSeconds, query_timeout, prepare = "auto", pooler = "auto", ...given } = all;
  const faults: string[] = [...urlFaults];
  const note = (fault: string | undefined) => {
    if (fault !== undefined) faults.push(fault);
  };

  const values = defaultOptions(given.max ?? DEFAULT_MAX);
  // In pg, null turns idle closing off as 0 does.
  const asked = {
    ...given,
    idleTimeoutMillis: given.idleTimeoutMillis === null ? 0 : given.idleTimeoutMillis,
  };
  if (maxLifetimeSeconds !== undefined) values.maxLifetimeMs = maxLifetimeSeconds * 1000;
  // pg's own would tell a statement as failed that goes on, and is kept.
  if (query_timeout !== undefined) values.queryTimeoutMs = Number(query_timeout);
  for (const name of NUMERIC_OPTIONS) {
    const value = asked[name];
    if (value === undefined) continue;
    note(boundsFault(name, value, OPTION_BOUNDS[name]));
    values[name] = value;
  }
  for (const name of optionNames(GIVEN_BOUNDS)) {
    const value = options[name];
    if (value !== undefined && value !== false) note(boundsFault(name, value, GIVEN_BOUNDS[name]));
  }
  if (values.min > values.max) note(`min (${values.min}) must not exceed max (${values.max})`);
  const { maxLifetimeMs } = given;
  // A pool's own options have both, and may be given to another pool.
  if (maxLifetimeSeconds !== undefined && maxLifetimeMs !== undefined) {
    if (maxLifetimeSeconds * 1000 !== maxLifetimeMs)
      note("maxLifetimeMs and maxLifetimeSeconds say the same thing; give one of them");
  }
  if (given.Client !== undefined && typeof given.Client !== "function")
    note(`Client must be a class that extends pg.Client, got ${quote(given.Client)}`);
  if (query_timeout !== undefined && ![query_timeout, undefined].includes(given.queryTimeoutMs))
    note("queryTimeoutMs and query_timeout say the same thing; give one of them");
  note(pipelineFault(given));
  const { passwordFile } = given;
  if (passwordFile !== undefined) note(passwordFileFault("passwordFile", passwordFile));
  for (const name of HOOKS) {
    const hook: unknown = given[name];
    if (hook && typeof hook !== "function") note(`${name} must be a function, got ${quote(hook)}`);
  }
  const { session = {}, stream, types } = given;
  if (stream && typeof stream !== "function" && !hasMethod(stream, "write"))
    note(`stream must be a function that makes a socket, got ${quote(stream)}`);
  if (types && !hasMethod(types, "getTypeParser"))
    note(`types must have a function getTypeParser, as pg.types has, got ${quote(types)}`);
  if (typeof session !== "object" || session === null)
    note(`session must be an object, got ${quote(session)}`);
  else for (const [name, value] of Object.entries(session)) note(sessionFault(name, value));
  if (!PREPARE_MODES.includes(prepare))
    note(`prepare must be ${oneOf(PREPARE_MODES)}, got ${quote(prepare)}`);
  if (!POOLER_MODES.includes(pooler)) note(`pooler must be ${oneOf(POOLER_MODES)}, got ${quote(pooler)}`);

  for (const fault of hostsFaults(given)) note(fault);

  if (faults.length > 0) throw new PoolConfigError(faults);
  if (values.connectionTimeoutMillis === 0)
    warnOnce("connectionTimeoutMillis is 0: who asks for a connection waits for ever; give it a limit");
  for (const warning of warnings) warnOnce(warning);
  // A client class of the caller's may have options of its own.
  if (given.Client === undefined) for (const warning of unknownOptions(given, KNOWN)) warnOnce(warning);
  const { host, port } = given;
  const forgets = host !== undefined && port !== undefined && forgetsStatements({ host, port });
  const sharesSessions = pooler === "transaction" || (pooler === "auto" && forgets);
  // A client class of the caller's may know pg's name alone.
  const forTheirs = given.Client !== undefined && query_timeout !== undefined ? { query_timeout } : {};
  return Object.freeze({
    ...PG_DEFAULTS,
    ...(given.stream === undefined && KEEP_ALIVE), // a stream of the caller's may not know how
    ...definedOf(given),
    ...(passwordFile !== undefined && { password: passwordFrom(passwordFile) }),
    ...values,
    ...forTheirs,
    prepare: prepare === "auto" && sharesSessions ? "off" : prepare,
    pooler: sharesSessions ? "transaction" : pooler,
  });
}
