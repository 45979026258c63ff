import type { PoolErrorCode } from "./errors.ts";
import { type PoolerOutcome, readPooler } from "./pooler-messages.ts";

/** What went wrong, as an operator would say it. Safe to publish: it holds no text of the server or the caller. */
export type ErrorKind =
  | "timeout"
  | "connection_refused"
  | "dns"
  | "auth"
  | "tls"
  | "too_many_connections"
  | "disk_full"
  | "starting_up"
  | "not_accepting"
  | "shutting_down"
  | "connection_lost"
  | "read_only"
  | "saturated"
  | "closed"
  | "config"
  | "serialization"
  | "constraint"
  | "data"
  | "permission"
  | "schema"
  | "canceled"
  | "unknown";

/**
 * What may be tried again. `not_sent`: nothing reached a backend, so anything. `transaction`: the whole
 * transaction, which the server rolled back. `connection_lost`: what the caller knows to be idempotent, outside a
 * transaction, on another connection. `never`: the same again gives the same, or the outcome is unknown.
 */
export type Retry = "transaction" | "not_sent" | "connection_lost" | "never";

export interface ErrorClass {
  readonly kind: ErrorKind;
  /** The server's SQLSTATE, where one was found. */
  readonly sqlstate?: string;
  readonly retry: Retry;
  /** The database cannot serve right now through no fault of the request: a route should answer 503. */
  readonly unavailable: boolean;
}

type Row = readonly [kind: ErrorKind, retry: Retry, unavailable?: true];

const UNKNOWN: Row = ["unknown", "never"];
const LOST: Row = ["connection_lost", "connection_lost"];
const REFUSED: Row = ["connection_refused", "not_sent"];
const RERUN: Row = ["serialization", "transaction"];
const NOT_CONNECTED: Row = ["timeout", "not_sent"];
const FULL: Row = ["too_many_connections", "not_sent"];
/** A scope's token that the server does not take, or that could not be made: keys, clocks or a pooler are not as they should be. */
const TENANT_TOKEN: Row = ["config", "never"];
const OUT_OF_RESOURCES: Row = ["unknown", "never", true];
const AUTH: Row = ["auth", "never"];
const CONFIG: Row = ["config", "never"];
const DATA: Row = ["data", "never"];
const SCHEMA: Row = ["schema", "never"];
const TIMED_OUT: Row = ["timeout", "never"];
const TLS: Row = ["tls", "never"];
const CONSTRAINT: Row = ["constraint", "never"];
const IN_DOUBT: Row = ["connection_lost", "never"];
const SHUTTING_DOWN: Row = ["shutting_down", "connection_lost"];
const CANCELED: Row = ["canceled", "never"];
const SATURATED: Row = ["saturated", "not_sent"];
const STALE: Row = ["schema", "connection_lost"];

const UNAVAILABLE: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  "timeout",
  "connection_refused",
  "dns",
  "auth",
  "tls",
  "too_many_connections",
  "disk_full",
  "starting_up",
  "not_accepting",
  "shutting_down",
  "connection_lost",
  "read_only",
  "saturated",
  "closed",
  "config",
]);

/** Codes of this package's errors. The cause refines POOL_ACQUIRE_TIMEOUT, TRANSACTION_ABORTED and BATCH. */
const POOL_CODES = {
  POOL_CONFIG: CONFIG,
  POOL_CLOSED: ["closed", "never"],
  POOL_ACQUIRE_TIMEOUT: NOT_CONNECTED,
  POOL_SATURATED: SATURATED,
  COMMIT_UNKNOWN: IN_DOUBT,
  TRANSACTION_ABORTED: UNKNOWN,
  TRANSACTION_OVER: UNKNOWN,
  SCOPE: DATA,
  TOO_MANY_PARAMETERS: DATA,
  MISPLACED_STATEMENT: DATA,
  PREPARED_QUERY: DATA,
  SESSION_REQUIRED: CONFIG,
  TENANT_ID: DATA,
  TENANT_TOKEN,
  UNSAFE_ROLE: CONFIG,
  WRONG_ROLE: ["read_only", "not_sent"],
  STATEMENT_TIMEOUT: TIMED_OUT,
  NESTED_ACQUIRE: ["saturated", "never"],
  TRANSACTION_OPTIONS: DATA,
  BATCH: UNKNOWN,
  BATCH_TOO_LARGE: DATA,
  READ_TOKEN: DATA,
  REPLICA_UNAVAILABLE: SATURATED,
} satisfies Record<PoolErrorCode, Row>;

function isPoolCode(code: string): code is PoolErrorCode {
  return Object.hasOwn(POOL_CODES, code);
}

/** SQLSTATEs by their first five or two characters; the longer one counts. */
const SQLSTATES: Readonly<Record<string, Row>> = {
  "08": LOST,
  "08001": REFUSED,
  "08004": REFUSED,
  "08007": IN_DOUBT,
  "08P01": IN_DOUBT,
  "0A": SCHEMA,
  "21": DATA,
  "22": DATA,
  "23": CONSTRAINT,
  "25006": ["read_only", "connection_lost"],
  "25P03": TIMED_OUT, // it had begun something, and its code was too slow
  "25P04": ["timeout", "connection_lost"],
  "26000": STALE,
  "28": AUTH,
  "3D000": CONFIG,
  "3F": SCHEMA,
  "40": ["serialization", "never"],
  "40001": RERUN,
  "40002": CONSTRAINT,
  "40003": IN_DOUBT,
  "40P01": RERUN,
  "42": SCHEMA,
  "42501": ["permission", "never"],
  "42P05": STALE,
  "44": CONSTRAINT,
  "53": OUT_OF_RESOURCES,
  "53100": ["disk_full", "never"],
  "53300": FULL,
  "54": DATA,
  "55P03": TIMED_OUT,
  "57014": CANCELED,
  "57P01": SHUTTING_DOWN,
  "57P02": SHUTTING_DOWN,
  "57P03": ["starting_up", "not_sent"],
  "57P04": CONFIG,
  "57P05": LOST,
  "58000": LOST,
  "58030": LOST,
  F0: CONFIG,
  OC000: RERUN, // Aurora DSQL: data changed under the transaction
  OC001: RERUN, // Aurora DSQL: the schema did
  OH001: TENANT_TOKEN, // ours: what a policy's function raises
  P0: DATA,
};

/** Where a server reads what it was sent: another number of parameters than the statement has, or a zero byte, is its sender's mistake. */
const MALFORMED = /^(exec_bind_message|pq_(get|copy)msg\w+)$/;

/** Whether the server refuses what it was sent for its form; nothing was executed, and the session goes on. By routine, in every language. */
export function isMalformed({ code, routine }: { code?: unknown; routine?: unknown }): boolean {
  return code === "08P01" && MALFORMED.test(String(routine));
}

/**
 * SQLSTATEs that say too little alone. Supavisor reports all of its own troubles as XX000 with a code in brackets, and does not
 * translate them. PgBouncer's are in `pooler-messages.ts`.
 */
const REFINED: readonly (readonly [sqlstate: string, message: RegExp, row: Row])[] = [
  ["08P01", MALFORMED, DATA],
  ["0A000", /^RevalidateCachedQuery$|^cached plan must not change result type/, STALE],
  ["57014", /due to (statement|lock|transaction) timeout/, TIMED_OUT],
  ["XX000", /^\((EMAXCONN|EMAXCONNSESSION)\)|max client(s| {1,2}connections) reached/i, FULL],
  ["XX000", /^\((ECHECKOUTTIMEOUT|EAUTHTIMEOUT)\)/, NOT_CONNECTED],
  ["XX000", /^\((ECHECKOUTFAILED|ECHECKOUTRETRIES|EPOOLCHECKOUT|ECIRCUITBREAKER)\)/, REFUSED],
  ["XX000", /^\(EPOOLTERMINATING\)/, SHUTTING_DOWN],
  ["XX000", /^\(EDBHANDLEREXITED\)/, LOST],
  ["XX000", /^\(ESSLREQUIRED\)/, TLS],
  ["XX000", /^\((ENOTFOUND|EWRONGPASSWORD|EINVALIDUSERINFO|EADDRNOTALLOWED|EBANNED)\)/, AUTH],
  ["XX000", /^\(ENOIDENTIFIER\)/, CONFIG],
  ["XX000", /^\((EPREPARED\w*|EPSSIMPLEQUERY)\)/, SCHEMA],
];

const RETRY_OF_POOLERS = {
  not_sent: "not_sent",
  refused: "never",
  in_doubt: "connection_lost",
  failed: "never",
} as const satisfies Record<PoolerOutcome, Retry>;

/** Errors of pg and pg-pool that carry no code; checked against pg 8.23.1 and pg-pool 3.14.0. */
const MESSAGES: readonly (readonly [message: RegExp, row: Row])[] = [
  [/^timeout exceeded when trying to connect$/, NOT_CONNECTED],
  [/^Connection terminated due to connection timeout$/, NOT_CONNECTED],
  [/^timeout expired$/, NOT_CONNECTED],
  // The statement may still be running.
  [/^Query read timeout$/, TIMED_OUT],
  [/^Connection terminated( unexpectedly)?$/, LOST],
  [/^Client has encountered a connection error and is not queryable$/, LOST],
  [/^Client was closed and is not queryable$/, LOST],
  [
    /^Client network socket disconnected before secure TLS connection was established$/,
    ["connection_lost", "not_sent"],
  ],
  [/^Cannot use a pool after calling end on the pool$/, ["closed", "never"]],
  [/^The server does not support SSL connections$/, TLS],
  [/^There was an error establishing an SSL connection$/, TLS],
  [/^(SASL: |Password must be a string$)/, AUTH],
  [/^The server asks for a password, and there is none/, AUTH], // ours: config/sign-in.ts
  [/^The password file (cannot be read|is empty)/, AUTH], // ours: config/password-file.ts
];

const CONNECTING = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|ETIMEDOUT)$/;
/** Of a machine that has run out of something for a moment, such as the backlog of a socket's listener. */
const EXHAUSTED = /^(EAGAIN|EMFILE|ENFILE|ENOBUFS|ENOMEM)$/;
const LOST_CODES = /^(ECONNRESET|EPIPE|ECONNABORTED|ENOTCONN|ERR_STREAM_\w+|ERR_SOCKET_CLOSED)$/;
const TLS_CODES =
  /^(ERR_(TLS|SSL|OSSL)_\w+|(CERT|CRL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|INVALID)_\w+|HOSTNAME_MISMATCH|EPROTO)$/;

/** Codes of Node.js. The same code means less while connecting than on a connection that was in use. */
function rowOfNodeCode(code: string, syscall: unknown): Row | undefined {
  if (CONNECTING.test(code)) {
    if (syscall === "read" || syscall === "write") return LOST;
    return code === "ETIMEDOUT" ? NOT_CONNECTED : REFUSED;
  }
  if (syscall === "connect" && EXHAUSTED.test(code)) return REFUSED;
  if (syscall === "connect" && (code === "ENOENT" || code === "EACCES")) return REFUSED; // a socket's path
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return ["dns", "not_sent"];
  if (LOST_CODES.test(code)) return LOST;
  return TLS_CODES.test(code) ? TLS : undefined;
}

/** What a statement's author can mend. Where it refuses the sign-in, it is the role's, the database's or a setting's. */
const BY_STATEMENT: ReadonlySet<ErrorKind> = new Set<ErrorKind>(["data", "schema", "permission"]);
/** SQLSTATEs that mean something else where they refuse the sign-in than where they refuse a statement. */
const AT_SIGN_IN: Readonly<Record<string, Row>> = {
  "55000": ["not_accepting", "not_sent"], // allow_connections is off, or a DROP DATABASE was interrupted
};
/** Where a server decides who may use a database: whatever they raise refuses the sign-in, in every language. */
const SIGN_IN_ROUTINES: ReadonlySet<unknown> = new Set(["CheckMyDatabase", "InitPostgres"]);

function endsSession(error: object): boolean {
  const severity = "severity" in error ? error.severity : undefined;
  return (
    severity === "FATAL" ||
    severity === "PANIC" ||
    ("routine" in error && SIGN_IN_ROUTINES.has(error.routine))
  );
}

/** Every SQLSTATE has a digit; EPIPE, which is as long, has none. Those of Prisma look like one of PL/pgSQL, whose are P0 and no more. */
const SQLSTATE = /^(?=.*\d)(?!P[1-9])[0-9A-Z]{5}$/;
const DEEPEST = 10;

/**
 * Says what an error is and what may be done about it. Looks at an error first, then at its `cause`, then at its
 * `errors` (AggregateError), ten levels deep, so wrappers such as Drizzle's need not be known. Never throws.
 */
export function classifyError(error: unknown): ErrorClass {
  try {
    return find(error, 0, new Set()) ?? toClass(UNKNOWN);
  } catch {
    return toClass(UNKNOWN); // its fields cannot be read
  }
}

function find(error: unknown, depth: number, seen: Set<unknown>): ErrorClass | undefined {
  if (typeof error !== "object" || error === null || depth > DEEPEST || seen.has(error)) return undefined;
  seen.add(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const inner = () => {
    const nested = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
    const candidates: unknown[] = ["cause" in error ? error.cause : undefined, ...nested];
    for (const candidate of candidates) {
      const found = find(candidate, depth + 1, seen);
      if (found) return found;
    }
    return undefined;
  };

  if (code === "POOL_ACQUIRE_TIMEOUT") {
    // What kept the pool from connecting says more than that the wait was over.
    const why = inner();
    if (!why?.unavailable) return toClass(NOT_CONNECTED);
    return why.retry === "never" ? why : { ...why, retry: "not_sent" };
  }
  if (code === "TRANSACTION_ABORTED" || code === "BATCH") return inner() ?? toClass(UNKNOWN);
  if (isPoolCode(code)) return toClass(POOL_CODES[code]);

  const row = ownRow(error, code);
  // What the server said before the connection was gone says more than that it is.
  if (row === LOST && !SQLSTATE.test(code)) {
    const why = inner() ?? toClass(row);
    return why.retry === "not_sent" ? { ...why, retry: "connection_lost" } : why; // something may have been
  }
  return row ? toClass(row, SQLSTATE.test(code) ? code : undefined) : inner();
}

function ownRow(error: object, code: string): Row | undefined {
  const message = "message" in error && typeof error.message === "string" ? error.message : "";
  const ofPooler = readPooler(error);
  if (ofPooler !== undefined) return [ofPooler[1], RETRY_OF_POOLERS[ofPooler[0]]];
  if (SQLSTATE.test(code)) {
    const routine = "routine" in error && typeof error.routine === "string" ? error.routine : "";
    const says = (pattern: RegExp) => pattern.test(message) || pattern.test(routine); // a routine has one name in every language
    const refined = REFINED.find(([sqlstate, pattern]) => sqlstate === code && says(pattern));
    const known = refined?.[2] ?? SQLSTATES[code] ?? SQLSTATES[code.slice(0, 2)];
    if (!endsSession(error)) return known ?? UNKNOWN;
    const atSignIn = AT_SIGN_IN[code];
    if (atSignIn !== undefined) return atSignIn;
    if (known === undefined) return LOST;
    if (refined !== undefined || !BY_STATEMENT.has(known[0])) return known;
    return known[0] === "permission" ? AUTH : CONFIG;
  }
  const name = "name" in error ? error.name : undefined;
  if (name === "AbortError") return CANCELED;
  if (name === "TimeoutError") return TIMED_OUT;
  return (
    MESSAGES.find(([pattern]) => pattern.test(message))?.[1] ??
    rowOfNodeCode(code, "syscall" in error ? error.syscall : undefined)
  );
}

function toClass([kind, retry, unavailable]: Row, sqlstate?: string): ErrorClass {
  const found = { kind, retry, unavailable: unavailable ?? UNAVAILABLE.has(kind) };
  return sqlstate === undefined ? found : { ...found, sqlstate };
}
